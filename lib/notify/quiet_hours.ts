/** Hours of the day without messages. */

/** From a minute of the day (0 to 1439) to another one, over midnight where the second is smaller. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

/** Reads `22:00-07:00`; throws an Error that says what the text should be. */
export function parseQuietHours(given: string): QuietHours {
  const found = /^(\d{1,2}):(\d\d)-(\d{1,2}):(\d\d)$/.exec(given.trim());
  const [fromHour, fromMinute, toHour, toMinute] = (found ?? []).slice(1).map(Number);
  const isTime = found && Math.max(fromHour, toHour) < 24 && Math.max(fromMinute, toMinute) < 60;
  const hours = { from: fromHour * 60 + fromMinute, to: toHour * 60 + toMinute };
  if (!isTime || hours.from === hours.to) {
    throw new Error("should be two different times such as 22:00-07:00");
  }
  return hours;
}

/** Whether a minute of the day is quiet. The end itself is not. */
export function isQuiet({ from, to }: QuietHours, minute: number): boolean {
  return from < to ? minute >= from && minute < to : minute >= from || minute < to;
}
