/** How a language writes numbers, lists and durations: by the platform's own rules, never by ours. */
export type Terms = {
  /** `2,300` */
  count(number: number): string;
  /** The form that goes with a number: languages differ in which numbers are singular. */
  plural(number: number, one: string, other: string): string;
  /** `2,300 characters` */
  counted(number: number, one: string, other: string): string;
  /** `a, b and c` */
  list(parts: readonly string[]): string;
  /** `5 seconds`, `2 minutes, 10 seconds`; seconds are left out of hours. */
  duration(ms: number): string;
};

function partsOf(ms: number) {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  const hours = Math.floor(seconds / 3600);
  return { hours, minutes: Math.floor((seconds % 3600) / 60), seconds: hours > 0 ? 0 : seconds % 60 };
}

export function termsOf(locale: string): Terms {
  const numbers = new Intl.NumberFormat(locale);
  const plurals = new Intl.PluralRules(locale);
  const lists = new Intl.ListFormat(locale);
  const durations = new Intl.DurationFormat(locale, { style: 'long' });
  const count = (number: number) => numbers.format(number);
  const plural = (number: number, one: string, other: string) => (plurals.select(number) === 'one' ? one : other);
  return {
    count,
    plural,
    counted: (number, one, other) => `${count(number)} ${plural(number, one, other)}`,
    list: (parts) => lists.format(parts),
    duration: (ms) => durations.format(partsOf(ms)),
  };
}
