/** What things are called on site. */
import { say } from "../common/language";
import type { Shapes } from "../common/api";

type Words = readonly [string, string];

const STATES: Partial<Record<Shapes["State"], Words>> = {
  open: ["not planned", "未排"],
  published: ["planned", "已安排"],
  under_way: ["on the way", "已出发"],
  on_site: ["on site", "已到场"],
  repaired: ["repaired", "已修复"],
  run_in: ["run-in", "试运行中"],
  ran_in: ["run-in done", "试运行完成"],
  signed_off: ["signed off", "已签收"],
  failed: ["failed", "未完成"],
  dropped: ["dropped", "已撤销"],
};

const STEPS: Partial<Record<Shapes["EventKind"], Words>> = {
  departed: ["Depart", "出发"],
  arrived: ["Arrived", "到场"],
  no_finding: ["No finding", "未查明故障"],
  found: ["Cause found", "查明故障"],
  repaired: ["Repaired", "修复"],
  run_in_started: ["Start the run-in", "开始试运行"],
  run_in_ended: ["Run-in done", "试运行完成"],
  signed_off: ["Sign off", "客户签收"],
  visit_failed: ["Not possible", "无法完成"],
};

const REASONS: Record<Shapes["FailureReason"], Words> = {
  customer_absent: ["customer absent", "客户不在"],
  no_access: ["no access", "无法进入现场"],
  wrong_part: ["wrong part", "备件不符"],
  missing_part: ["missing part", "缺少备件"],
  missing_skill: ["missing skill", "技能不足"],
  fault_not_found: ["fault not found", "未查明故障"],
  other: ["other", "其他"],
};

const CLOCKS: Record<Shapes["ClockKind"], Words> = {
  respond: ["respond", "响应"],
  arrive: ["arrive", "到场"],
  restore: ["restore", "修复"],
};

const PRIORITIES: Record<Shapes["Priority"], Words> = {
  emergency: ["emergency", "紧急"],
  high: ["high", "高"],
  normal: ["normal", "普通"],
  low: ["low", "低"],
};

const RESTS: Partial<Record<Shapes["StopKind"], Words>> = {
  break: ["Break", "休息"],
  absence: ["Away", "缺勤"],
};

export const FAILURES = Object.keys(REASONS) as Shapes["FailureReason"][];

function said(words: Words | undefined, otherwise: string): string {
  return words === undefined ? otherwise : say(...words);
}

export const stateName = (state: Shapes["State"]) => said(STATES[state], state);
export const stepName = (kind: Shapes["EventKind"]) => said(STEPS[kind], kind);
export const reasonName = (reason: Shapes["FailureReason"]) => said(REASONS[reason], reason);
export const clockName = (kind: Shapes["ClockKind"]) => said(CLOCKS[kind], kind);
export const priorityName = (priority: Shapes["Priority"]) => said(PRIORITIES[priority], priority);
export const restName = (kind: Shapes["StopKind"]) => said(RESTS[kind], kind);
