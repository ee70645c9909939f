/** `12 min`, `3 hr, 5 min`, `2 days, 4 hr`: the two largest units, which is as much as anybody compares. */
export function spanOf(locale: string): (seconds: number) => string {
  const duration = new Intl.DurationFormat(locale, { style: 'short' });
  return (seconds) => {
    const whole = Math.max(1, Math.round(seconds));
    if (whole < 60) return duration.format({ seconds: whole });
    const minutes = Math.round(whole / 60);
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60)];
    return duration.format(days > 0 ? { days, hours } : { hours, minutes: minutes % 60 });
  };
}
