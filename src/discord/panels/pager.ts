import { type APIButtonComponent, ButtonStyle, ComponentType } from 'discord-api-types/v10';

/** A button of a panel that only its reader sees. */
export const grey = (label: string, customId: string): APIButtonComponent => ({
  type: ComponentType.Button,
  style: ButtonStyle.Secondary,
  label,
  custom_id: customId,
});

const duration = new Intl.DurationFormat('en', { style: 'short' });

/** `12 min`, `3 hr, 5 min`, `2 days, 4 hr`: the two largest units, which is as much as anybody compares. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return duration.format({ seconds: Math.max(1, whole) });
  const minutes = Math.round(whole / 60);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
  return duration.format(days > 0 ? { days, hours } : { hours, minutes: minutes % 60 });
}

const NOBODY = '000000000000000000';

/** Somebody by name; who was forgotten has none any more. */
export const person = (id: string) => (id === NOBODY ? 'somebody who was forgotten' : `<@${id}>`);

/** For the eye: day and time, in the reader's own zone. */
export const when = (instant: Date) => `<t:${Math.floor(instant.getTime() / 1000)}:f>`;
