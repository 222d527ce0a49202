"""How does each of the seven jobs go? One file a job, each a small state machine without a screen."""

from handheld.work.flow import Flow
from handheld.work.jobs import goods_in, hand_over, picking, put_away, quality, stocktake, transfer
from handheld.work.tasks.task import Job

FLOWS: dict[Job, Flow] = {
    job.FLOW.job: job.FLOW for job in (goods_in, put_away, picking, transfer, stocktake, quality, hand_over)
}
