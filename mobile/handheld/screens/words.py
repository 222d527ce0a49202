"""The words on the screens, in Chinese and in English; what the work says of a scan is in `handheld.work.sentences`."""

from handheld.work.words import Language

WORDS: dict[str, tuple[str, str]] = {
    # the head of every page
    "online": ("在线", "Online"),
    "offline": ("离线", "Offline"),
    "sending": ("同步中", "Sending"),
    "halted": ("已停用", "Stopped"),
    "waiting_none": ("全部已上传", "all sent"),
    "waiting": ("待传 {count} · {age}", "{count} waiting · {age}"),
    "unsettled": ("{count} 条异常", "{count} to settle"),
    "minutes": ("{count} 分钟", "{count} min"),
    "hours": ("{count} 小时", "{count} h"),
    "days": ("{count} 天", "{count} d"),
    "now": ("刚刚", "now"),
    # limits
    "nearly_full": ("待传已达上限的 {share}%，请连网", "{share}% of what may wait: find a network"),
    "nearly_too_old": ("最早一条已等 {age}，请连网", "The oldest waits {age}: find a network"),
    "full": ("待传已满，不再接收扫描，请连网", "Full: no scan is taken. Find a network"),
    "too_old": ("离线过久，不再接收扫描，请连网", "Offline too long: no scan is taken"),
    "stopped": ("本机须重新登记，请找主管", "Enrol this device anew: ask the supervisor"),
    "disk": ("存储已满或故障，扫描未保存", "Memory full or failing: not recorded"),
    "unfit": ("这条无法记录", "This can't be recorded"),
    "broke": ("程序出错，刚才的扫描未保存", "A fault: the last scan was not recorded"),
    "damaged": ("本机存储曾受损，请检查异常", "Memory was damaged: look at the exceptions"),
    "clock_unsure": ("本机时钟不准，效期请人工核对", "Clock unsure: check expiry dates yourself"),
    # enrolling and signing in
    "enrol": ("登记设备", "Enrol this device"),
    "enrol_scan": ("请扫描管理员的登记二维码", "Scan the administrator's enrolment code"),
    "enrol_why": (
        "二维码含本机的密钥，只用一次。登记后即可离线作业。",
        "The code holds this device's key and is used once. After that, you can work without network.",
    ),
    "enrol_type": ("或粘贴登记文本", "Or paste the enrolment text"),
    "enrol_go": ("登记", "Enrol"),
    "enrol_bad": ("这不是登记二维码", "This is no enrolment code"),
    "enrol_short": ("登记码不完整，请重新生成", "The enrolment is not whole: have a new one made"),
    "enrol_address": ("登记码中的服务器地址有误", "The enrolment's server address is wrong"),
    "enrol_older": ("这是旧的登记码，本机已有更新的", "That enrolment is older than this device's"),
    "sign_in": ("登录", "Sign in"),
    "sign_in_scan": ("请扫描您的工牌", "Scan your badge"),
    "sign_in_why": ("每次扫描都记在您的名下。", "Each scan is recorded under your name."),
    "sign_in_bad": ("这不是工牌", "This is no badge"),
    "sign_out": ("退出登录", "Sign out"),
    # home
    "tasks": ("待办任务", "Tasks"),
    "no_tasks": ("暂无任务，可直接选作业", "No tasks. Choose a job below"),
    "free_jobs": ("直接作业", "Jobs"),
    "task_lines": ("{done}/{all} 行 · {place}", "{done} of {all} lines · {place}"),
    "search": ("查商品", "Find"),
    "exceptions": ("异常", "Exceptions"),
    "settings": ("设置", "Settings"),
    "queue": ("同步", "Sync"),
    "home": ("首页", "Home"),
    # the jobs, by the names of handheld.work.task.Job
    "receiving": ("入库", "Goods in"),
    "storing": ("上架", "Put away"),
    "picking": ("拣货", "Pick"),
    "internal_transfer": ("移库", "Transfer"),
    "cycle_counting": ("盘点", "Count"),
    "inspecting": ("质检", "Quality"),
    "departing": ("交接", "Hand over"),
    # work
    "scan_ready": ("可扫描", "Ready"),
    "scan_prompt": ("请扫描货位或商品", "Scan a bin or goods"),
    "undo": ("撤销", "Undo"),
    "confirm": ("确认", "Confirm"),
    "confirm_amount": ("确认 {amount}", "Confirm {amount}"),
    "more": ("更多", "More"),
    "cancel": ("取消", "Cancel"),
    "force": ("放行", "Take anyway"),
    "find_item": ("查找商品", "Find the item"),
    "self_test": ("扫描头自检", "Scanner test"),
    "sync_now": ("立即同步", "Sync now"),
    "recount": ("重盘", "Recount"),
    "next_line": ("下一行", "Next line"),
    "unit": ("换单位", "Change unit"),
    "quantity": ("改数量", "Quantity"),
    "pass": ("合格", "Pass"),
    "fail": ("不合格", "Fail"),
    "begin": ("送检", "Inspect"),
    "review": ("差异", "Differences"),
    "difference_rate": ("账实差异率 {rate}", "Books differ by {rate}"),
    "difference_target": ("目标 {target} 以内 · 已盘 {count} 项", "Target {target} · {count} counted"),
    "counted_of": ("实盘 {counted} · 账面 {book}", "Counted {counted} · books {book}"),
    "type_code": ("手输条码", "Type a code"),
    "type_code_hint": ("条码、货位或编码", "Code, bin or reference"),
    "sign_in_type": ("或输入工号", "Or type your number"),
    "say_why": ("请说明原因", "Say why"),
    "back": ("返回", "Back"),
    "expected": ("应为", "Expected"),
    "scanned": ("扫到", "Scanned"),
    "bin": ("货位", "Bin"),
    "lot": ("批次 {lot}", "Lot {lot}"),
    "go_on": ("继续", "Go on"),
    "of_unit": ("/ {of} {unit}", "of {of} {unit}"),
    # exceptions
    "no_exceptions": ("没有异常", "Nothing to settle"),
    "device_says": ("本机记录", "This device"),
    "books_say": ("账面", "The books"),
    "settled": ("已处理", "Settled"),
    "sequence": ("第 {number} 条", "No. {number}"),
    # catalogue
    "search_hint": ("名称、编码，两个字即可", "Name or code, two letters will do"),
    "search_none": ("没有找到", "Nothing found"),
    "search_start": ("输入名称，或扫描商品", "Type a name, or scan the goods"),
    "catalogue_of": ("本机有 {count} 种商品", "{count} items on this device"),
    # queue
    "waiting_entries": ("待上传", "Waiting"),
    "of_entries": ("/ {limit} 条", "of {limit}"),
    "oldest": ("最早一条", "Oldest"),
    "of_hours": ("/ {limit} 小时", "of {limit} h"),
    "last_exchange": ("上次同步", "Last exchange"),
    "never": ("从未", "never"),
    "server": ("服务器", "Server"),
    "device": ("设备", "Device"),
    "person": ("人员", "Person"),
    "nothing_lost": (
        "每次扫描先存本机，再上传。断网不丢。",
        "Each scan is kept here, then sent. Nothing is lost.",
    ),
    # settings
    "language": ("语言", "Language"),
    "hand": ("持机手", "Hand"),
    "english": ("English", "English"),
    "chinese": ("中文", "中文"),
    "left": ("左手", "Left"),
    "right": ("右手", "Right"),
    "theme": ("明暗", "Light"),
    "day": ("日间", "Day"),
    "night": ("夜间", "Night"),
    "sound": ("声音", "Sound"),
    "voice": ("语音", "Voice"),
    "off": ("关", "Off"),
    "on": ("开", "On"),
    "limits": ("离线上限", "Offline limits"),
    "limits_are": ("{entries} 条，{hours} 小时（由服务器设定）", "{entries} scans, {hours} h (set by the server)"),
    "scale": ("秤", "Scale"),
    "none": ("无", "none"),
    # scanner
    "scanner_profile": ("扫描头", "Scanner"),
    "scanner_intent": ("广播方式", "By intent"),
    "scanner_keys": ("键盘方式", "As a keyboard"),
    "intent": ("广播", "intent"),
    "keys": ("键盘", "keys"),
    "camera": ("相机", "camera"),
    "test_prompt": ("请扫描任意条码", "Scan any code"),
    "not_gs1": ("扫描头未按 GS1 设置：分隔符丢失", "Scanner not set for GS1: the separator is lost"),
    "not_gs1_how": (
        "请改用广播方式，或让扫描头把 GS 发为 Ctrl+]。",
        "Use intents, or let the scanner send GS as Ctrl+].",
    ),
    "fnc1_seen": ("FNC1 正常", "FNC1 is kept"),
    "fnc1_none": ("未见 FNC1", "No FNC1 seen yet"),
    "codes_read": ("已读 {count} 个", "{count} read"),
    "symbology_none": ("未标明码制", "symbology not told"),
}


def word(key: str, language: str, **values: object) -> str:
    """Return a word in a language, with its values.

    >>> word("undo", "zh"), word("undo", "en"), word("waiting", "en", count=3, age="2 h")
    ('撤销', 'Undo', '3 waiting · 2 h')
    """
    chinese, english = WORDS[key]
    return (chinese if language == Language.CHINESE else english).format(**values)


def age(seconds: float, language: str) -> str:
    """Return how long ago, in the largest whole unit.

    >>> age(20, "en"), age(200, "zh"), age(7300, "en"), age(200_000, "en")
    ('now', '3 分钟', '2 h', '2 d')
    """
    for unit, size, least in (("days", 86_400, 2), ("hours", 3600, 1), ("minutes", 60, 1)):
        if seconds >= size * least:
            return word(unit, language, count=int(seconds // size))
    return word("now", language)
