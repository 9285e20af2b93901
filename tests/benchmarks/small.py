"""The smallest instances of each form of the public sets, made up to be solved by hand."""

import json
import math
import random
from collections.abc import Mapping
from pathlib import Path

TRSP = """T101.4_2-2-1-2

INFO
CREW COUNT  SKILLS  TOOLS   SPARE PARTS
2      2       1       2

DEPOT TECHNICIANS AND REQUESTS
ID   X     Y     TWS    TWE    Serv   SKILLS   TOOLS    SPARE PARTS
0    0     0     0      100    0      [] \t[] \t[]
1    10    0     0      100    0      [0,1] \t[0] \t[1,0]
2    -10   0     0      100    0      [1] \t[] \t[0,0]
3    20    0     0      30     5      [0] \t[0] \t[1,0]
4    30    0     40     60     5      [1] \t[] \t[0,0]
5    -20   0     0      100    5      [1] \t[0] \t[0,2]
"""
"""All on a line. Technician 1 does 3 and 4 in 50, technician 2 does 5 by way of the depot in 45."""

TRSP_BEST = 95.0

MATRIX = """Small_R1

INFO
CREW COUNT  SKILLS    TOOLS   SPARE PARTS
        1        0        0             0

DEPOT TECHNICIANS AND REQUESTS
ID           X        Y     TWS     TWE    Serv     SKILLS   TOOLS    SPARE PARTS
0          0.0      0.0   420.0  1140.0     0.0 \t[] \t[] \t[]
1          0.0      0.0   420.0  1140.0     0.0 \t[] \t[] \t[]
2          0.0      0.0   480.0   495.0    45.0 \t[] \t[] \t[]
3          0.0      0.0   480.0   495.0    45.0 \t[] \t[] \t[]
4          0.0      0.0     0.0  1440.0    90.0 \t[] \t[] \t[]
DISTANCES
0;0;0;1;1;1;1;0
1;0;0;1;1;1;1;0
2;1;1;0;1;1;1;1
3;1;1;1;0;1;1;1
4;1;1;1;1;0;1;1
5;1;1;1;1;1;0;1
6;0;0;1;1;1;1;0
TRAVEL TIMES
0;0;0;10.1;20;30;99;0
1;0;0;10.1;20;30;99;0
2;10.1;10.1;0;7;12.2;8;10.1
3;20;20;7;0;6;9;20
4;30;30;12.2;6;0;15.5;30
5;99;99;8;9;15.5;0;99
6;0;0;10.1;20;30;99;0
"""
"""Two appointments at one time, so one stays out. The technician ends elsewhere (column 5).

Best: 1, 2, 4, home in 10.1 + 45 + 12.2 + 90 + 15.5 minutes.
"""

MATRIX_BEST = 172.8

VRPTW = """S101

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        200          0
    1      1         1          5          0        100          1
    2      2         2          5          0        100          1
    3     -1        -1          5          0        100          1
"""
"""Two customers fit a vehicle: 1 and 2 together. In tenths: 1.4 + 1.4 + 2.8, and 1.4 + 1.4."""

VRPTW_BEST = 8.4

ZIGZAG = """S102

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0        200          0
    1      10        0          1         10         10          0
    2     -10        0          1         30         30          0
    3      11        0          1         52        100          0
"""
"""One vehicle can do all with 62; two need 42 only."""

SDVRPTW = """NAME: P1
COMMENT: made up
TYPE: SDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 3
VEHICLES: 2
VEHICLES_MAX_DURATION: 40
NODE_COORD_SECTION
1\t0.0\t0.0
2\t3.0\t4.0
3\t0.0\t-5.0
DEMAND_SECTION
1\t0
2\t4
3\t4
SERVICE_TIME_SECTION
1\t0
2\t2
3\t2
TIME_WINDOW_SECTION
1\t0\t100
2\t0\t10
3\t50\t60
CAPACITY_SECTION
1\t5
2\t8
VEHICLES_ALLOWED_CLIENTS_SECTION
1\t2
2\t2\t3
EOF
"""
"""One vehicle for both customers would drive 19.487, but be out too long; two drive 20."""

SDVRPTW_BEST = 20.0

HHCRSP: Mapping[str, object] = {
    "patients": [
        {
            "id": "p1",
            "location": [0, 0],
            "time_window": [0, 100],
            "required_caregivers": [{"service": "s1", "duration": 5}],
        },
        {
            "id": "p2",
            "location": [0, 0],
            "time_window": [30, 40],
            "required_caregivers": [{"service": "s1"}, {"service": "s2"}],
            "synchronization": {"type": "simultaneous"},
        },
        {
            "id": "p3",
            "location": [0, 0],
            "time_window": [60, 65],
            "required_caregivers": [
                {"service": "s1", "duration": 5},
                {"service": "s2", "duration": 5},
            ],
            "synchronization": {"type": "sequential", "distance": [10, 20]},
        },
    ],
    "services": [{"id": "s1", "default_duration": 10}, {"id": "s2", "default_duration": 10}],
    "caregivers": [{"id": "c1", "abilities": ["s1"]}, {"id": "c2", "abilities": ["s2"]}],
    "central_offices": [{"id": "d", "location": [0, 0]}],
    "distances": [[0, 10, 10, 10], [10, 0, 10, 10], [10, 10, 0, 10], [10, 10, 10, 0]],
}
"""Seven legs of 10; the second service of p3 starts at 70, 5 late."""

HHCRSP_BEST = (70 + 5 + 5) / 3


def random_home_care(patients: int, caregivers: int, seed: int) -> Mapping[str, object]:
    """Half of the patients have two services, every other pair of those in order with a lag."""
    draw = random.Random(seed)
    points = [(draw.randrange(100), draw.randrange(100)) for _ in range(patients + 1)]
    services = [f"s{i}" for i in range(1, 5)]
    drawn: list[dict[str, object]] = []
    for i in range(1, patients + 1):
        opens = draw.randrange(300)
        wanted = draw.sample(services, 1 + i % 2)
        drawn.append({"id": f"p{i}", "time_window": [opens, opens + 60]})
        drawn[-1]["required_caregivers"] = [{"service": s} for s in sorted(wanted)]
        least = draw.randrange(40)
        in_order = {"type": "sequential", "distance": [least, 2 * least]}
        drawn[-1]["synchronization"] = {"type": "simultaneous"} if i % 4 == 1 else in_order
    return {
        "patients": drawn,
        "services": [{"id": s, "default_duration": 15} for s in services],
        "caregivers": [
            {"id": f"c{i}", "abilities": services[:2] if i % 2 else services[2:]}
            for i in range(caregivers // 2 * 2)
        ]
        + [{"id": "all", "abilities": services}],
        "central_offices": [{"id": "d"}],
        "distances": [[round(math.dist(a, b), 3) for b in points] for a in points],
    }


def write_all(folder: Path) -> None:
    """A folder of sets with one instance each, two for vehicle routing, and their records."""
    files = {
        "trsp/T101.4_2-2-1-2.txt": TRSP,
        "trsp_matrix/R1.txt": MATRIX,
        "vrptw/S101.txt": VRPTW,
        "vrptw/more/S102.txt": ZIGZAG,
        "sdvrptw/P1.vrp": SDVRPTW,
        "hhcrsp/Made_up_3_1.json": json.dumps(HHCRSP),
        "records.json": json.dumps(
            {
                "trsp": {"T101": 100.0},
                "trsp_matrix": {"R1": {"unserved": 1, "working_time": MATRIX_BEST}},
                "hhcrsp": {"3_1": {"cost": HHCRSP_BEST}},
                "sdvrptw": {"P1": SDVRPTW_BEST},
                "small_dimacs": {"S101": VRPTW_BEST},
                "small_hierarchical": {"s102": [1, 62.0]},
            }
        ),
    }
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
