"""How does each of the seven jobs go? One file a job, each a small state machine without a screen."""

from handheld.work.flow import Flow
from handheld.work.jobs import goods_in
from handheld.work.task import Job

FLOWS: dict[Job, Flow] = {flow.job: flow for flow in (goods_in.FLOW,)}
