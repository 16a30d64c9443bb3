// The keyboard's way through a chart: from value to value, spoken, and zoom.
import type { EChartsType } from "echarts/core";
import { timeWords, valueWords } from "./data";
import type { SeriesData } from "./data";

export function listen(place: HTMLElement, chart: EChartsType, data: SeriesData, times: number[]): void {
  const spoken = document.createElement("p");
  spoken.className = "visually-hidden";
  spoken.setAttribute("aria-live", "polite");
  place.append(spoken);
  place.tabIndex = 0;
  place.setAttribute("role", "figure");
  place.setAttribute("aria-label", `${data.title}. ${data.words.of}. ${data.words.keys}`);
  let at = times.length - 1;
  const day = data.step === "hour" ? 24 : 7;

  function show(): void {
    const grids = data.parameters.map((p) => p.values[at] ?? null);
    const seen = Math.max(0, grids.findIndex((value) => value !== null));
    chart.dispatchAction({ type: "showTip", seriesIndex: 4 * seen, dataIndex: at });
    const words = data.parameters.map((p) => valueWords(p, at, data.words.gap));
    spoken.textContent = [timeWords(times[at]!, data.step), ...words].join("; ");
  }

  function zoom(factor: number): void {
    const [first, last] = [times[0]!, times.at(-1)!];
    const shown = chart.getOption().dataZoom as { startValue?: number; endValue?: number }[];
    const [from, to] = [Number(shown[0]?.startValue ?? first), Number(shown[0]?.endValue ?? last)];
    const half = (Math.max(to - from, 3_600_000) * factor) / 2;
    const middle = Math.min(Math.max(times[at]!, from), to);
    chart.dispatchAction({
      type: "dataZoom",
      startValue: factor === Infinity ? first : Math.max(first, middle - half),
      endValue: factor === Infinity ? last : Math.min(last, middle + half),
    });
    show();
  }

  place.addEventListener("keydown", (event) => {
    const step = event.shiftKey ? day : 1;
    const moves: Record<string, number> = {
      ArrowLeft: at - step, ArrowRight: at + step, Home: 0, End: times.length - 1,
    };
    const zooms: Record<string, number> = { "+": 0.5, "=": 0.5, "-": 2, "0": Infinity };
    const [to, factor] = [moves[event.key], zooms[event.key]];
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (to !== undefined) {
      at = Math.min(Math.max(to, 0), times.length - 1);
      show();
    } else if (factor !== undefined) zoom(factor);
    else return;
    event.preventDefault();
  });
  place.addEventListener("blur", () => chart.dispatchAction({ type: "hideTip" }));
}
