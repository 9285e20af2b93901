/** What changes, their fields and the states of a study are called. */
import { say } from "../common/language";
import { clockText, priorityText } from "../common/words";
import type { Kind } from "./draft";

const KINDS: Readonly<Record<string, readonly [string, string]>> = {
  hire: ["Hire", "招聘"],
  leave: ["Leave", "离职"],
  move: ["Move to another station", "调往其他服务站"],
  train: ["Train", "培训"],
  shifts: ["Other shift hours", "调整班次"],
  extra_shift: ["One shift more", "加开班次"],
  overtime: ["Overtime allowed", "允许加班"],
  territories: ["Territories covered", "调整责任区"],
  absent: ["Absence", "缺勤"],
  absence_wave: ["Wave of illness", "病假潮"],
  open_station: ["Open a station", "新开服务站"],
  close_station: ["Close a station", "关闭服务站"],
  move_station: ["Move a station", "服务站迁址"],
  travel: ["Slower or faster travel", "路程变慢或变快"],
  stock: ["Stock", "库存"],
  delivery: ["Delivery", "到货"],
  substitutes: ["Substitutes", "替代件"],
  demand: ["More or less demand", "需求增减"],
  remote_fixes: ["Remote fixes", "远程解决"],
  emergencies: ["Emergencies", "紧急任务"],
  sla: ["SLA", "服务时限"],
  calendar: ["SLA calendar", "时限日历"],
  prices: ["Prices", "价格"],
  policy: ["Policy", "策略"],
};

const FIELDS: Readonly<Record<string, readonly [string, string]>> = {
  add: ["Add", "增加"],
  at: ["From (local time)", "到货时间（当地）"],
  breach_yuan: ["Price of breaking it, yuan", "违约价格（元）"],
  calendar: ["Calendar", "日历"],
  change: ["Kind", "类型"],
  city: ["City", "城市"],
  clock: ["Clock", "时限"],
  count: ["How many", "数量"],
  cover: ["Covers then", "改为负责"],
  coverage: ["As", "身份"],
  datum: ["Datum", "坐标系"],
  day: ["Day", "日期"],
  days: ["On these days only", "仅限这些日期"],
  end: ["Until", "结束"],
  from_hour: ["From hour", "起始小时"],
  holidays: ["Holidays", "节假日"],
  hours: ["Hours", "小时"],
  id: ["Id", "编号"],
  instead: ["May replace it", "可替代它的备件"],
  kind: ["Kind", "类型"],
  late_yuan_per_h: ["Price per late hour, yuan", "每迟一小时（元）"],
  latitude: ["Latitude", "纬度"],
  level: ["Level", "等级"],
  like: ["Like", "条件同"],
  longitude: ["Longitude", "经度"],
  minutes: ["Minutes a shift", "每班次分钟数"],
  name: ["Name", "名称"],
  part: ["Part", "备件"],
  percent: ["Per cent", "百分比"],
  pickup_minutes: ["Minutes to pick up parts", "取件分钟数"],
  prices: ["Prices, fen", "价格（分）"],
  priorities: ["Priorities", "优先级"],
  priority: ["Priority", "优先级"],
  product: ["Product", "产品"],
  products: ["Products", "产品"],
  province: ["Province", "省份"],
  relation: ["In or out of the province", "省内或省外"],
  remove: ["Take away", "减少"],
  rules: ["Rules", "规则"],
  skill: ["Skill", "技能"],
  start: ["From", "开始"],
  station: ["Station", "服务站"],
  technicians: ["Technicians", "技术员"],
  territories: ["Territories", "责任区"],
  territory: ["Territory", "责任区"],
  to: ["To", "并入／调往"],
  to_hour: ["To hour", "截止小时"],
  total_minutes: ["Minutes in all", "总分钟数"],
  units: ["Units", "件数"],
  vans: ["Vans are emptied too", "随车库存也清空"],
  was_hours: ["Where it is now, hours", "现为（小时）"],
  weekdays: ["Working days of the week", "工作日"],
  working: ["Working days", "补班日"],
};

const VALUES: Readonly<Record<string, readonly [string, string]>> = {
  regular: ["regular", "正常"],
  standby: ["standby", "值班"],
  primary: ["primary", "主责"],
  backup: ["backup", "后备"],
  in_province: ["in the province", "省内"],
  out_of_province: ["out of the province", "省外"],
  "WGS-84": ["WGS-84", "WGS-84"],
  "GCJ-02": ["GCJ-02", "GCJ-02（火星坐标）"],
};

const STATES: Readonly<Record<string, readonly [string, string]>> = {
  queued: ["waiting", "排队中"],
  running: ["running", "进行中"],
  done: ["done", "已完成"],
  failed: ["failed", "失败"],
  cancelled: ["stopped", "已停止"],
};

const ASKED: Readonly<Record<Kind, readonly [string, string]>> = {
  compare: ["Compare scenarios", "比较情景"],
  sweep: ["The price of one more", "每多一个值多少"],
  bottlenecks: ["What holds the plan back", "瓶颈在哪里"],
  suggest: ["The cheapest way to a target", "达到目标的最省办法"],
};

/** What may be asked. */
export const STUDY_KINDS = Object.keys(ASKED) as readonly Kind[];

const CALENDAR_HOURS = ["Business hours", "营业时段"] as const;
const MONDAY_MS = Date.UTC(2026, 0, 5);
const DAY_MS = 24 * 3600 * 1000;

function named(words: Readonly<Record<string, readonly [string, string]>>, code: string): string {
  const [english, chinese] = words[code] ?? [code, code];
  return say(english, chinese);
}

export const studyKind = (kind: Kind): string => named(ASKED, kind);
export const kindText = (kind: string): string => named(KINDS, kind);
export const studyState = (state: string): string => named(STATES, state);

export function fieldText(kind: string, name: string): string {
  if (kind === "calendar" && name === "hours") return say(...CALENDAR_HOURS);
  return named(FIELDS, name);
}

/** One of the values that a field may have. */
export function valueText(field: string, value: string): string {
  if (field === "clock") return clockText(value);
  if (field === "priority" || field === "priorities") return priorityText(value);
  if (field === "weekdays") return weekday(Number(value));
  return named(VALUES, value);
}

/** 0 is Monday. */
function weekday(number: number): string {
  const format = new Intl.DateTimeFormat(say("en-GB", "zh-CN"), {
    weekday: "short",
    timeZone: "UTC",
  });
  return format.format(MONDAY_MS + number * DAY_MS);
}
