/**
 * A canvas whose pixels are those of the screen, drawn anew whenever its size or the colours change. It is as large
 * as its style makes it.
 */
export class Surface {
  readonly context: CanvasRenderingContext2D;
  private readonly observer: ResizeObserver;

  /**
   * `paint` draws everything; it gets the canvas empty, with its size in pixels. Until `signal` is aborted it is
   * called by itself where it must be.
   */
  constructor(
    readonly canvas: HTMLCanvasElement,
    private readonly paint: (context: CanvasRenderingContext2D, width: number, height: number) => void,
    signal: AbortSignal,
  ) {
    this.context = canvas.getContext('2d')!;
    this.observer = new ResizeObserver(() => this.draw());
    this.observer.observe(canvas);
    signal.addEventListener('abort', () => this.observer.disconnect());
    const dark = window.matchMedia('(prefers-color-scheme: dark)');
    dark.addEventListener('change', () => this.draw(), { signal });
  }

  /** Draws now; nothing where the canvas is not to be seen. */
  draw(): void {
    const { canvas, context } = this;
    const width = Math.round(canvas.clientWidth * devicePixelRatio);
    const height = Math.round(canvas.clientHeight * devicePixelRatio);
    if (width === 0 || height === 0) return;
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    context.clearRect(0, 0, width, height);
    this.paint(context, width, height);
  }
}
