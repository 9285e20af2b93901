"""A small organisation as CSV texts, on which tests of reading build."""

from pathlib import Path

TEXTS = {
    "organisation": """key,value
id,small
name,Small service
home_province,Liaoning
planning_at,2026-09-29 07:30
shift_calendar,office
""",
    "calendars": """id,hours
always,
office,09:00-12:00;13:00-19:30
""",
    "calendar_days": """calendar,day,working,name
office,2026-09-30,no,Stocktaking
""",
    "stations": """id,name,latitude,longitude,province,city
SY,Shenyang,41.80,123.43,Liaoning,Shenyang
""",
    "station_tools": """station,tool,quantity
SY,crane,1
""",
    "customers": """id,name,tier
C1,Taxi One,gold
""",
    "sites": """id,name,customer,latitude,longitude,province,city,territory
S1,Depot,C1,41.77,123.40,Liaoning,Shenyang,shenyang
S2,Yard,C1,41.12,122.99,Liaoning,Anshan,anshan
""",
    "parts": """id,name,substitutes
sim,SIM card,esim
esim,Soldered SIM,
""",
    "stock": """id,station,part,quantity,available_at
L1,SY,sim,5,
""",
    "technicians": """id,name,station,max_travel_min,max_visits
T1,Wang,SY,240,6
T2,Li,SY,,
""",
    "technician_skills": """technician,skill,level,expires_on
T1,gps,2,2026-12-31
T2,gps,,
""",
    "technician_territories": """technician,territory,coverage
T1,shenyang,primary
T2,shenyang,backup
""",
    "van_stock": """technician,part,quantity
T1,sim,3
""",
    "technician_tools": """technician,tool
T1,ladder
""",
    "exclusions": """technician,customer,site
T2,,S2
""",
    "shifts": """technician,days,start,end,kind,max_overtime_min,breaks
T1,workdays,08:00,17:00,regular,60,11:30-12:30/45
T2,Mon-Fri,08:30,17:30,,,
T2,2026-10-01,20:00,08:00,standby,,
""",
    "absences": """technician,from,to,reason
T1,2026-09-29 13:00,2026-09-29 15:00,doctor
T1,2026-09-30 08:00,2026-09-30 09:00,
""",
    "sla_rules": """rule,relation,priority,clock,hours,calendar,breach_yuan,late_yuan_per_h
urgent,,emergency,respond,1,always,200,20.50
urgent,,emergency,arrive,4,always,500,50
home,in_province,,arrive,12,office,300,30
""",
    "work_orders": """id,site,product,priority,reported_at
W1,S1,terminal,emergency,2026-09-29 06:00
W2,S2,terminal,,2026-09-28 16:00
""",
    "gates": """work_order,kind,opened_at,passed_at,expected_at,waits_for_customer
W2,quote,2026-09-28 17:00,,2026-09-29 12:00,yes
""",
    "visits": """id,work_order,duration_min,skills,parts,tools,run_in_min,wished_technician
V1,W1,60,gps:2,sim*2,,300,
V2,W2,45,gps,esim,ladder,,T1
""",
    "visit_windows": """visit,from,to
V1,2026-09-29 09:00,2026-09-29 11:00
V1,2026-09-30 09:00,2026-09-30 11:00
""",
    "links": """first_visit,then_visit,min_lag_min,max_lag_min
V1,V2,0,480
""",
    "pins": """visit,technician,start_at,after_visit
V2,T1,,
""",
    "published": """visit,technicians,start_at
V1,T1;T2,2026-09-29 09:00
""",
    "policies": """name,unassigned_emergency_yuan,unassigned_high_yuan,unassigned_normal_yuan,\
unassigned_low_yuan,clock_factor
mine,20000,8000,4000,2000,2.5
""",
    "speed_bands": """name,up_to_km,speed_km_per_h
city,15,30
road,,60
""",
    "travel": """from,to,seconds,metres
SY,S1,600,5000
SY,S2,5400,90000
S1,SY,600,5000
S1,S2,5300,89000
S2,SY,5400,90000
S2,S1,5300,89000
""",
}


def write_small(folder: Path) -> Path:
    """Writes all tables into the folder."""
    for name, text in TEXTS.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


def change(folder: Path, table: str, old: str, new: str) -> None:
    """Replaces a text that is in a table exactly once."""
    file = folder / f"{table}.csv"
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {table}"
    file.write_text(text.replace(old, new), encoding="utf-8")
