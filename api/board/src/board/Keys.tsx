/** What signs mean and which keys there are. */
import { say } from "../common/language";
import { Modal } from "../common/Modal";
import { BY_HAND, FORCED, PINNED } from "./rows";

export function Keys({ close }: { close: () => void }) {
  const keys: readonly (readonly [string, string])[] = [
    ["← → ↑ ↓", say("from visit to visit", "在任务间移动")],
    ["Enter", say("details of a visit; choose a technician", "任务详情；选择技术员")],
    ["M", say("take a visit up, then arrows, Enter or Esc", "拿起任务，再用方向键、回车或 Esc")],
    ["Ctrl Z, Ctrl Shift Z", say("undo, redo", "撤销、重做")],
    ["N", say("new ticket", "新报修")],
    ["P", say("plan", "排程")],
    ["/", say("search", "搜索")],
    ["Ctrl + wheel", say("nearer, farther", "缩放")],
    ["Shift + wheel", say("earlier, later", "前后移动")],
  ];
  const signs: readonly (readonly [string, string])[] = [
    ["▲", say("a clock is at risk", "时限有风险")],
    ["✖", say("a clock runs out before", "时限将超时")],
    [PINNED, say("pinned", "已锁定")],
    [BY_HAND, say("made by hand", "手工安排")],
    [FORCED, say("rules broken on purpose", "强制违规")],
    ["✓", say("done", "已完成")],
    ["▣", say("dark frame: different from the published plan", "深色边框：与发布计划不同")],
    ["┄", say("was here in the published plan", "发布计划中的位置")],
  ];
  return (
    <Modal title={say("Keys and signs", "按键与标记")} close={close}>
      <div class="columns">
        <Table rows={keys} />
        <Table rows={signs} />
      </div>
    </Modal>
  );
}

function Table({ rows }: { rows: readonly (readonly [string, string])[] }) {
  return (
    <table>
      <tbody>
        {rows.map(([sign, text]) => (
          <tr key={sign}>
            <th scope="row">{sign}</th>
            <td>{text}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
