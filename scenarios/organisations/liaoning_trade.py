"""Liaoning: what is sold and repaired, to whom, and with which parts."""

from dataclasses import dataclass

from dispatch.domain.parts import Part

PARTS = (
    Part("SIM-4G", "物联网卡 4G", ("SIM-5G",)),
    Part("SIM-5G", "物联网卡 5G"),
    Part("GPS-T1", "定位终端主机 T1", ("GPS-T2",)),
    Part("GPS-T2", "定位终端主机 T2"),
    Part("VT-4", "四路视频主机", ("VT-8",)),
    Part("VT-8", "八路视频主机"),
    Part("TAX-M", "计价终端主机"),
    Part("HZ-1", "危货终端主机"),
    Part("BUS-D", "公交调度屏"),
    Part("CAM-A", "车内摄像头", ("CAM-B",)),
    Part("CAM-B", "车内摄像头（红外）"),
    Part("CAM-F", "前向智能摄像头"),
    Part("HAR-P", "电源线束"),
    Part("HAR-V", "视频线束"),
    Part("ANT-1", "组合天线"),
    Part("SD-128", "存储卡 128G"),
    Part("GPS-2G", "定位终端主机 2G（停产）"),
)
UNOBTAINABLE = "GPS-2G"


@dataclass(frozen=True, slots=True)
class Job:
    """One kind of work. ``parts`` are what it usually takes; ``minutes`` from, to."""

    text: str
    minutes: tuple[int, int]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Product:
    name: str
    skill: str
    repairs: tuple[Job, ...]
    installations: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Trade:
    """A line of business of customers. ``hours`` are when its vehicles can be had, if not always;
    ``shared`` is the share of visits that this holds for."""

    name: str
    products: tuple[str, ...]
    places: tuple[str, ...]
    hours: tuple[tuple[str, str], ...] = ()
    shared: float = 0.0


INSPECTION = Job("季度巡检", (30, 60))
PRODUCTS = {
    p.name: p
    for p in (
        Product(
            "定位终端",
            "定位",
            (
                Job("终端离线，疑似物联网卡故障", (30, 50), ("SIM-4G",)),
                Job("定位漂移，天线接触不良", (30, 60), ("ANT-1",)),
                Job("终端不上电，查电源线束", (40, 80), ("HAR-P",)),
                Job("终端频繁重启，远程升级无效", (40, 80)),
            ),
            (
                Job("更换定位终端主机", (60, 110), ("GPS-T1",)),
                Job("新车加装定位终端", (70, 120), ("GPS-T1", "SIM-4G")),
            ),
        ),
        Product(
            "视频终端",
            "视频",
            (
                Job("一路视频黑屏", (40, 80), ("CAM-A",)),
                Job("录像丢失，更换存储卡", (30, 60), ("SD-128",)),
                Job("视频干扰，检查线束", (50, 90), ("HAR-V",)),
                Job("平台看不到实时视频", (40, 80)),
            ),
            (
                Job("更换四路视频主机", (80, 130), ("VT-4",)),
                Job("加装车内摄像头", (60, 110), ("CAM-A", "HAR-V")),
            ),
        ),
        Product(
            "计价终端",
            "计价",
            (
                Job("计价数据不上传", (30, 60), ("SIM-4G",)),
                Job("打印机卡纸，按键失灵", (30, 50)),
                Job("终端死机", (40, 70)),
            ),
            (Job("更换计价终端主机", (60, 100), ("TAX-M",)),),
        ),
        Product(
            "危货终端",
            "危货",
            (
                Job("危货终端离线，车辆停运", (40, 80), ("SIM-4G",)),
                Job("报警按钮失效", (40, 80), ("HAR-P",)),
                Job("轨迹缺失，被监管平台通报", (40, 90)),
            ),
            (Job("更换危货终端主机", (80, 130), ("HZ-1",)),),
        ),
        Product(
            "公交调度屏",
            "公交",
            (
                Job("调度屏无法登录", (30, 60)),
                Job("报站不准", (40, 70), ("ANT-1",)),
                Job("调度屏花屏", (40, 80), ("BUS-D",)),
            ),
            (Job("更换公交调度屏", (60, 110), ("BUS-D", "HAR-P")),),
        ),
        Product(
            "主动安全终端",
            "主动安全",
            (
                Job("前向摄像头误报", (50, 90), ("CAM-F",)),
                Job("驾驶员监测不工作", (40, 80)),
            ),
            (Job("加装主动安全终端", (90, 150), ("CAM-F", "HAR-V")),),
        ),
    )
}
TAXI = Trade("出租", ("计价终端",), ("停车场", "交接班点", "维修点"), (("09:00", "16:00"),), 0.3)
LOGISTICS = Trade("物流", ("定位终端", "视频终端", "主动安全终端"), ("物流园", "货运场", "车队"))
BUS = Trade(
    "公交",
    ("公交调度屏", "视频终端"),
    ("公交场站", "停保场"),
    (("09:00", "11:30"), ("13:00", "15:30")),
    0.6,
)
HAZMAT = Trade("危货运输", ("危货终端", "定位终端"), ("罐车停车场", "油库", "危货车队"))
SCHOOL = Trade("校车服务", ("视频终端", "定位终端"), ("校车停车场",), (("08:30", "14:30"),), 0.7)
TRADES = (TAXI, LOGISTICS, BUS, HAZMAT, SCHOOL)
TIERS = ("战略", "重点", "普通")
