/** Ignore zones: detections whose centre lies in one are dropped (`--ignore`). */
import type { Box } from "../image/frame.ts";

/** Parses zones such as `0,0,200,100 500,0,140,480`: x, y, width and height in pixels. Throws an Error. */
export function parseZones(text: string): Box[] {
  return text.split(/[\s;]+/).filter(Boolean).map((zone) => {
    const numbers = /^\d{1,5}(,\d{1,5}){3}$/.test(zone) ? zone.split(",").map(Number) : [];
    const [x, y, width, height] = numbers;
    if (!(width > 0 && height > 0)) {
      throw new Error("should be X,Y,WIDTH,HEIGHT in pixels, several with spaces between");
    }
    return { x, y, width, height };
  });
}

/** Whether the centre of the box lies in one of the zones. */
export function isIgnored({ x, y, width, height }: Box, zones: readonly Box[]): boolean {
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  return zones.some((zone) =>
    centreX >= zone.x && centreX < zone.x + zone.width && centreY >= zone.y && centreY < zone.y + zone.height
  );
}
