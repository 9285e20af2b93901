"""Guizhou: the four regional lines, their outlets and counties, at their real centres."""

from dataclasses import dataclass

from scenarios.organisations.making import District

HOME = "Guizhou"


@dataclass(frozen=True, slots=True)
class Prefecture:
    """A prefecture with an outlet in its seat, which is the first of its counties."""

    name: str
    code: str
    line: str
    engineers: int
    visits: int
    counties: tuple[District, ...]


def _county(name: str, latitude: float, longitude: float) -> District:
    return District(name, latitude, longitude, 2.0, 1)


GUIYANG_ZUNYI = "Guiyang-Zunyi"
TONGREN_BIJIE = "Tongren-Bijie"
LIUPANSHUI_ANSHUN = "Liupanshui-Anshun"
QIANNAN_QIANDONGNAN = "Qiannan-Qiandongnan"
LINES = (GUIYANG_ZUNYI, TONGREN_BIJIE, LIUPANSHUI_ANSHUN, QIANNAN_QIANDONGNAN)
PREFECTURES = (
    Prefecture(
        "Guiyang",
        "GY",
        GUIYANG_ZUNYI,
        4,
        17,
        (
            District("Guanshanhu", 26.647, 106.626),
            District("Yunyan", 26.605, 106.725),
            District("Nanming", 26.568, 106.714),
            District("Huaxi", 26.410, 106.670, weight=6),
            _county("Qingzhen", 26.556, 106.470),
            _county("Xiuwen", 26.839, 106.592),
            _county("Kaiyang", 27.058, 106.965),
        ),
    ),
    Prefecture(
        "Zunyi",
        "ZY",
        GUIYANG_ZUNYI,
        2,
        8,
        (
            District("Huichuan", 27.740, 106.930),
            District("Honghuagang", 27.650, 106.900),
            District("Bozhou", 27.536, 106.830, weight=2),
            _county("Renhuai", 27.805, 106.405),
            _county("Meitan", 27.760, 107.480),
        ),
    ),
    Prefecture(
        "Tongren",
        "TR",
        TONGREN_BIJIE,
        2,
        6,
        (
            District("Bijiang", 27.717, 109.187),
            _county("Songtao", 28.160, 109.202),
            _county("Jiangkou", 27.698, 108.845),
            _county("Sinan", 27.935, 108.252),
        ),
    ),
    Prefecture(
        "Bijie",
        "BJ",
        TONGREN_BIJIE,
        2,
        6,
        (
            District("Qixingguan", 27.300, 105.300),
            _county("Dafang", 27.146, 105.608),
            _county("Qianxi", 27.020, 106.033),
            _county("Nayong", 26.778, 105.382),
        ),
    ),
    Prefecture(
        "Liupanshui",
        "LPS",
        LIUPANSHUI_ANSHUN,
        2,
        6,
        (
            District("Zhongshan", 26.588, 104.840),
            District("Shuicheng", 26.550, 104.955, weight=2),
            _county("Liuzhi", 26.210, 105.478),
        ),
    ),
    Prefecture(
        "Anshun",
        "AS",
        LIUPANSHUI_ANSHUN,
        1,
        4,
        (
            District("Xixiu", 26.248, 105.950),
            _county("Pingba", 26.410, 106.253),
            _county("Puding", 26.305, 105.745),
        ),
    ),
    Prefecture(
        "Qiannan",
        "QN",
        QIANNAN_QIANDONGNAN,
        2,
        6,
        (
            District("Duyun", 26.262, 107.518),
            _county("Fuquan", 26.690, 107.512),
            _county("Guiding", 26.565, 107.233),
            _county("Dushan", 25.826, 107.540),
        ),
    ),
    Prefecture(
        "Qiandongnan",
        "QD",
        QIANNAN_QIANDONGNAN,
        1,
        4,
        (
            District("Kaili", 26.573, 107.976),
            _county("Leishan", 26.380, 108.075),
            _county("Huangping", 26.900, 107.910),
        ),
    ),
)
XINGYI = District("Xingyi", 25.090, 104.898, 2.0)
