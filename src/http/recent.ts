type RecentOptions = { readonly keepMs: number; readonly max: number; readonly now?: () => number };

/**
 * Answers the same id with the same answer for a while, without asking again. A proxy that repeats a request, or a
 * person who captured one, causes nothing twice. What fails is forgotten.
 */
export function answerOnce<Answer>({ keepMs, max, now = Date.now }: RecentOptions) {
  const recent = new Map<string, { readonly until: number; readonly answer: Promise<Answer> }>();

  /** In order of arrival, so the first are the oldest. */
  function forget() {
    for (const [id, { until }] of recent) {
      if (until > now() && recent.size < max) return;
      recent.delete(id);
    }
  }

  return (id: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const known = recent.get(id);
    if (known && known.until > now()) return known.answer;
    forget();
    const answer = ask();
    recent.delete(id);
    recent.set(id, { until: now() + keepMs, answer });
    answer.catch(() => {
      if (recent.get(id)?.answer === answer) recent.delete(id);
    });
    return answer;
  };
}
