"""Guizhou: what is repaired, with which parts and tools, names, and visits that stay out."""

from dataclasses import dataclass

from dispatch.domain.parts import Part, PartQuantity

LADDER = "ladder"

PARTS = (
    Part("REC-1", "Classroom recorder", ("REC-2",)),
    Part("REC-2", "Classroom recorder, 2nd generation"),
    Part("CAM-T", "Tracking camera"),
    Part("CAM-P", "Panorama camera"),
    Part("LENS-25", "Lens 25 mm"),
    Part("HDD-4T", "Storage disk 4 TB"),
    Part("MIC-1", "Ceiling microphone"),
)
MISSING_PART = Part("CTRL-1", "Control panel of the first series")


@dataclass(frozen=True, slots=True)
class Job:
    text: str
    product: str
    skill: str
    minutes: tuple[int, int]
    parts: tuple[str, ...] = ()


FAULT_JOBS = (
    Job("Recorder does not start", "recorder", "recorder", (45, 90), ("REC-1",)),
    Job("Recordings break off, disk errors", "recorder", "recorder", (40, 70), ("HDD-4T",)),
    Job("Tracking camera stands still", "camera", "camera", (40, 80), ("CAM-T",)),
    Job("Picture blurred", "camera", "camera", (30, 60), ("LENS-25",)),
    Job("No sound from the lectern", "audio", "audio", (30, 70), ("MIC-1",)),
    Job("Live stream drops out", "platform", "network", (40, 90)),
)
PLANNED_JOBS = (
    Job("Check before the exam", "recorder", "recorder", (30, 60)),
    Job("Software update, all classrooms", "platform", "network", (60, 120)),
    Job("Add a panorama camera", "camera", "camera", (60, 120), ("CAM-P",)),
    Job("Term inspection", "recorder", "recorder", (40, 80)),
)
SKILLS = ("recorder", "camera", "audio", "network")
SURNAMES = ("Yang", "Long", "Wu", "Luo", "Shi", "Pan", "Tian", "Meng", "An", "Ran", "Tao", "Mo")
GIVEN = ("Min", "Jun", "Xue", "Hao", "Lan", "Ping", "Tao", "Ying", "Bo", "Lei", "Qing", "Wen")
SCHOOL_WORDS = ("Qingyun", "Minghe", "Lanxi", "Songtao Road", "Beichen", "Zhuhai", "Yuanshan")
SCHOOL_KINDS = (("University", "university"), ("High School", "key"), ("School", "standard"))


@dataclass(frozen=True, slots=True)
class Planted:
    """A visit that stays out for the rule ``code`` alone."""

    id: str
    code: str
    text: str
    skill: str = "recorder"
    parts: tuple[PartQuantity, ...] = ()
    outside_lines: bool = False
    quote_open: bool = False


PLANTED = (
    Planted("901", "territory", "School of a region that no line covers", outside_lines=True),
    Planted("902", "skill", "Acoustic measurement: nobody is certified", skill="acoustics"),
    Planted("903", "release", "Out of warranty: quote not accepted yet", quote_open=True),
    Planted(
        "904",
        "parts",
        "Control panel is out of production",
        parts=(PartQuantity(MISSING_PART.id, 1),),
    ),
)
CODES = {f"V{p.id}": p.code for p in PLANTED}
