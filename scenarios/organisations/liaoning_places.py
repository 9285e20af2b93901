"""Liaoning: outlets, cities and districts, and the cities outside the province that are served.

Districts lie at their real centres, to a kilometre or so. Near the sea sites scatter less.
"""

from dataclasses import dataclass

from scenarios.organisations.making import District

HOME = "辽宁"


@dataclass(frozen=True, slots=True)
class City:
    """A city of the province; it is a territory of its own. ``visits`` is its part of the load.

    ``neighbours`` are cities whose territory its technicians may cover as backup.
    """

    name: str
    code: str
    technicians: int
    visits: int
    neighbours: tuple[str, ...]
    districts: tuple[District, ...]


@dataclass(frozen=True, slots=True)
class FarCity:
    """A city outside the province, in a territory that technicians of ``bases`` cover."""

    name: str
    province: str
    territory: str
    visits: int
    bases: tuple[str, ...]
    district: District


def _country(name: str, latitude: float, longitude: float) -> District:
    return District(name, latitude, longitude, 2.5, 2)


def _coast(name: str, latitude: float, longitude: float, weight: int = 4) -> District:
    return District(name, latitude, longitude, 1.5, weight)


CITIES = (
    City(
        "沈阳",
        "SY",
        12,
        60,
        ("抚顺", "铁岭", "本溪", "辽阳"),
        (
            District("和平区", 41.789, 123.420),
            District("沈河区", 41.796, 123.459),
            District("大东区", 41.808, 123.480),
            District("皇姑区", 41.824, 123.432),
            District("铁西区", 41.803, 123.370, weight=6),
            District("苏家屯区", 41.665, 123.344, weight=2),
            District("浑南区", 41.720, 123.455),
            District("沈北新区", 42.052, 123.526, weight=2),
            District("于洪区", 41.794, 123.308),
            _country("辽中区", 41.517, 122.765),
            _country("新民市", 41.996, 122.828),
            _country("法库县", 42.501, 123.412),
            _country("康平县", 42.743, 123.356),
        ),
    ),
    City(
        "大连",
        "DL",
        8,
        39,
        (),
        (
            _coast("中山区", 38.915, 121.640),
            _coast("西岗区", 38.910, 121.612),
            _coast("沙河口区", 38.910, 121.590),
            District("甘井子区", 38.965, 121.530, 3.0, 6),
            _coast("旅顺口区", 38.822, 121.275, 1),
            District("金州区", 39.100, 121.720, 3.0),
            _country("普兰店区", 39.400, 121.965),
            _country("瓦房店市", 39.627, 121.990),
            _country("庄河市", 39.695, 122.975),
        ),
    ),
    City(
        "鞍山",
        "AS",
        5,
        23,
        ("辽阳", "营口"),
        (
            District("铁东区", 41.095, 122.995),
            District("铁西区", 41.118, 122.965),
            District("立山区", 41.150, 123.020),
            District("千山区", 41.075, 122.955, weight=2),
            _country("海城市", 40.880, 122.690),
            _country("台安县", 41.400, 122.425),
            _country("岫岩县", 40.285, 123.281),
        ),
    ),
    City(
        "抚顺",
        "FS",
        4,
        14,
        ("沈阳", "本溪"),
        (
            District("新抚区", 41.864, 123.900, 3.0),
            District("望花区", 41.853, 123.784, 3.0),
            District("顺城区", 41.884, 123.935, 3.0),
            District("东洲区", 41.854, 124.030, 3.0),
            _country("清原县", 42.101, 124.922),
            _country("新宾县", 41.734, 125.038),
        ),
    ),
    City(
        "本溪",
        "BX",
        3,
        13,
        ("沈阳", "丹东"),
        (
            District("平山区", 41.299, 123.769, 2.5),
            District("溪湖区", 41.330, 123.768, 2.5),
            District("明山区", 41.304, 123.817, 2.5),
            _country("南芬区", 41.100, 123.740),
            _country("本溪县", 41.302, 124.121),
            _country("桓仁县", 41.267, 125.357),
        ),
    ),
    City(
        "丹东",
        "DD",
        3,
        13,
        ("本溪",),
        (
            District("元宝区", 40.140, 124.392, 1.5),
            District("振兴区", 40.115, 124.360, 1.5),
            District("振安区", 40.163, 124.420, 2.0),
            _coast("东港市", 39.870, 124.150, 1),
            _country("凤城市", 40.453, 124.067),
            _country("宽甸县", 40.731, 124.784),
        ),
    ),
    City(
        "锦州",
        "JZ",
        3,
        14,
        ("葫芦岛", "阜新", "盘锦"),
        (
            District("古塔区", 41.122, 121.122, 3.0),
            District("凌河区", 41.118, 121.151, 3.0),
            District("太和区", 41.109, 121.104, 3.0),
            _country("凌海市", 41.173, 121.357),
            _country("北镇市", 41.597, 121.790),
            _country("黑山县", 41.670, 122.122),
            _country("义县", 41.533, 121.236),
        ),
    ),
    City(
        "营口",
        "YK",
        4,
        18,
        ("盘锦", "鞍山"),
        (
            District("站前区", 40.672, 122.262, 2.0),
            District("西市区", 40.664, 122.225, 1.5),
            District("老边区", 40.676, 122.375, 3.0),
            _coast("鲅鱼圈区", 40.262, 122.130, 4),
            _country("大石桥市", 40.647, 122.507),
            _country("盖州市", 40.402, 122.352),
        ),
    ),
    City(
        "阜新",
        "FX",
        3,
        9,
        ("锦州",),
        (
            District("海州区", 42.014, 121.654, 2.5),
            District("细河区", 42.028, 121.681, 2.5),
            District("太平区", 42.012, 121.678, 2.5),
            _country("清河门区", 41.767, 121.418),
            _country("阜蒙县", 42.066, 121.755),
            _country("彰武县", 42.386, 122.538),
        ),
    ),
    City(
        "辽阳",
        "LY",
        2,
        9,
        ("鞍山", "沈阳"),
        (
            District("白塔区", 41.270, 123.174, 2.5),
            District("文圣区", 41.265, 123.185, 2.5),
            District("宏伟区", 41.210, 123.197, 2.5, 2),
            District("太子河区", 41.252, 123.182, 2.5, 2),
            _country("弓长岭区", 41.148, 123.430),
            _country("灯塔市", 41.424, 123.335),
        ),
    ),
    City(
        "盘锦",
        "PJ",
        3,
        13,
        ("营口", "锦州"),
        (
            District("兴隆台区", 41.122, 122.071, 3.0),
            District("双台子区", 41.198, 122.050, 3.0),
            District("大洼区", 40.995, 122.080, 3.0, 2),
            _country("盘山县", 41.247, 122.008),
        ),
    ),
    City(
        "铁岭",
        "TL",
        4,
        13,
        ("沈阳",),
        (
            District("银州区", 42.286, 123.845, 3.0),
            District("铁岭县", 42.290, 123.825, 3.0, 2),
            _country("调兵山市", 42.468, 123.560),
            _country("开原市", 42.547, 124.035),
            _country("昌图县", 42.785, 124.108),
            _country("西丰县", 42.736, 124.724),
        ),
    ),
    City(
        "朝阳",
        "CY",
        4,
        13,
        ("阜新", "葫芦岛"),
        (
            District("双塔区", 41.568, 120.453, 3.0),
            District("龙城区", 41.595, 120.435, 3.0),
            _country("北票市", 41.801, 120.770),
            _country("建平县", 41.402, 119.640),
            _country("喀左县", 41.127, 119.741),
            _country("凌源市", 41.247, 119.401),
        ),
    ),
    City(
        "葫芦岛",
        "HL",
        3,
        12,
        ("锦州",),
        (
            District("连山区", 40.760, 120.865, 2.5),
            _coast("龙港区", 40.735, 120.895),
            _coast("兴城市", 40.618, 120.720, 2),
            _country("绥中县", 40.326, 120.340),
            _country("建昌县", 40.822, 119.820),
            _country("南票区", 41.104, 120.750),
        ),
    ),
)

JILIN, EAST_MONGOLIA, NORTH_HEBEI, HEILONGJIANG = "吉林片区", "蒙东片区", "冀北片区", "黑龙江片区"
FAR_CITIES = (
    FarCity("四平", "吉林", JILIN, 7, ("铁岭",), District("铁西区", 43.148, 124.347, 3.0)),
    FarCity("通化", "吉林", JILIN, 4, ("抚顺",), District("东昌区", 41.729, 125.950, 2.0)),
    FarCity(
        "通辽", "内蒙古", EAST_MONGOLIA, 4, ("阜新",), District("科尔沁区", 43.625, 122.258, 3.0)
    ),
    FarCity(
        "赤峰", "内蒙古", EAST_MONGOLIA, 4, ("朝阳",), District("红山区", 42.262, 118.957, 3.0)
    ),
    FarCity(
        "秦皇岛", "河北", NORTH_HEBEI, 4, ("葫芦岛",), District("海港区", 39.950, 119.590, 1.5)
    ),
    FarCity("承德", "河北", NORTH_HEBEI, 1, ("朝阳",), District("双桥区", 40.973, 117.940, 2.0)),
)
ISLANDS = District("长海县", 39.273, 122.588, 0.5)
CHANGCHUN = District("南关区", 43.864, 125.340, 2.0)
HARBIN = District("南岗区", 45.757, 126.665, 2.0)
OUTLETS_OF_SHENYANG = (
    District("和平区", 41.783, 123.410),
    District("铁西区", 41.806, 123.352),
)
BRANCHES = ("沈阳", "大连", "鞍山", "营口", "盘锦")
