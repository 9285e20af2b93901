/** A paper to sign on: white whatever the page looks like, as it will be printed. */
import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { say } from "../common/language";

const WIDTH = 800;
const HEIGHT = 320;
const PEN = 4;

/** The drawing. A line art of this size stays far below what the server takes. */
export class Paper {
  private canvas: HTMLCanvasElement | null = null;
  private strokes = 0;

  use(canvas: HTMLCanvasElement): void {
    this.canvas = canvas;
    this.clear();
  }

  get isBlank(): boolean {
    return this.strokes === 0;
  }

  clear(): void {
    const pen = this.canvas?.getContext("2d");
    if (!pen) return;
    this.strokes = 0;
    pen.fillStyle = "white";
    pen.fillRect(0, 0, WIDTH, HEIGHT);
    pen.strokeStyle = "black";
    pen.lineWidth = PEN;
    pen.lineCap = "round";
    pen.lineJoin = "round";
  }

  /** Draws to where the pointer is; the first point of a stroke is a dot. */
  draw(event: PointerEvent, from: readonly [number, number] | null): [number, number] {
    const canvas = event.currentTarget as HTMLCanvasElement;
    const { left, top, width, height } = canvas.getBoundingClientRect();
    const x = ((event.clientX - left) / width) * WIDTH;
    const y = ((event.clientY - top) / height) * HEIGHT;
    const pen = canvas.getContext("2d");
    if (pen !== null) {
      const [fromX, fromY] = from ?? [x, y];
      pen.beginPath();
      pen.moveTo(fromX, fromY);
      pen.lineTo(x, y);
      pen.stroke();
      this.strokes += 1;
    }
    return [x, y];
  }

  /** In base64; null if nothing was drawn. */
  png(): string | null {
    if (this.canvas === null || this.isBlank) return null;
    return this.canvas.toDataURL("image/png").split(",")[1] ?? null;
  }
}

export function Signature({ paper }: { paper: Paper }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const last = useRef<[number, number] | null>(null);
  const blank = useSignal(true);
  useEffect(() => {
    if (canvas.current !== null) paper.use(canvas.current);
  }, [paper]);
  const stop = () => {
    last.current = null;
  };
  return (
    <div class="signature">
      <canvas
        ref={canvas}
        width={WIDTH}
        height={HEIGHT}
        role="img"
        aria-label={say("Signature", "签名")}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          last.current = paper.draw(event, null);
          blank.value = false;
        }}
        onPointerMove={(event) => {
          if (last.current !== null) last.current = paper.draw(event, last.current);
        }}
        onPointerUp={stop}
        onPointerCancel={stop}
      />
      <button
        type="button"
        disabled={blank.value}
        onClick={() => {
          paper.clear();
          blank.value = true;
        }}
      >
        {say("Clear", "清除")}
      </button>
    </div>
  );
}
