import { answerIssues } from '#sandbox/discord/judge/answers.ts';
import type { Discord } from '#sandbox/discord/server.ts';

const PREFIX = '/api/v10';

/** Collects what is wrong with every answer that a simulated Discord gives; to be called before it listens. */
export function judgeAnswers(discord: Discord): readonly string[] {
  const wrong: string[] = [];
  discord.app.addHook('onSend', async (request, reply, payload) => {
    const url = request.routeOptions.url ?? '';
    const isJson = String(reply.getHeader('content-type') ?? '').startsWith('application/json');
    if (!url.startsWith(PREFIX) || !(isJson || payload === undefined || payload === '')) return payload;
    // A body that is cut in the middle is a stream.
    if (typeof payload === 'object' && payload !== null) return payload;
    const { method } = request;
    const route = url.slice(PREFIX.length);
    const body = typeof payload === 'string' && payload !== '' ? JSON.parse(payload) : undefined;
    const issues = answerIssues({ method, route, status: reply.statusCode, payload: body });
    wrong.push(
      ...issues.map(({ path, message }) => `${method} ${route} ${reply.statusCode} ${path.join('.')}: ${message}`),
    );
    return payload;
  });
  return wrong;
}
