import type { APIInteraction, APIInteractionResponse } from 'discord-api-types/v10';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { type Problem, problems, sendProblem } from '#http/problem.ts';
import { answerOnce } from '#http/recent.ts';
import type { sampledLog } from '#http/sampled-log.ts';

type Headers = { readonly signature: unknown; readonly timestamp: unknown };
type Verdict = 'genuine' | 'malformed' | 'stale' | 'forged' | 'busy';

export type InteractionsRouteDeps = {
  readonly verifier: {
    preview(headers: Headers): 'malformed' | 'stale' | undefined;
    verify(request: Headers & { readonly body: Uint8Array }): Promise<Verdict>;
  };
  /** The handlers behind both doors. */
  readonly answer: (payload: APIInteraction) => Promise<APIInteractionResponse>;
  readonly onVerdict: (verdict: Verdict) => void;
  readonly logRefusal: ReturnType<typeof sampledLog>;
};

const PATH = '/interactions';
const BODY_LIMIT_BYTES = 256 * 1024;
/** A signature counts for five minutes before and after its time, so a request can come again for ten. */
const REPLAY_MS = 10 * 60_000;
const MAX_KEPT = 2000;

/** Why a signature was refused is not said: it would help only those who make them up. */
const UNSIGNED: Problem = {
  status: 401,
  code: 'bad_signature',
  message: 'The request is not signed by Discord.',
  retryable: false,
};
const BUSY: Problem = {
  status: 503,
  code: 'busy',
  message: 'Too many signatures are being verified. Try again.',
  retryable: true,
  headers: { 'retry-after': '1' },
};

/** As much as is needed here; the handlers read the rest, tolerantly. */
const interaction = z.looseObject({ id: z.string().min(1), type: z.int().min(1) });

function readPayload(bytes: Buffer): APIInteraction | undefined {
  try {
    return interaction.parse(JSON.parse(bytes.toString('utf8'))) as unknown as APIInteraction;
  } catch {
    return undefined;
  }
}

const signedBy = ({ headers }: FastifyRequest): Headers => ({
  signature: headers['x-signature-ed25519'],
  timestamp: headers['x-signature-timestamp'],
});

/**
 * Discord's other door: size → form and age of the headers → signature over the bytes → parse → the same handlers,
 * answered inline within Discord's three seconds. Discord sends bad signatures on purpose, now and then, and takes the
 * address away from those who accept them.
 */
export function discordInteractionsRoute(app: FastifyInstance, deps: InteractionsRouteDeps): void {
  const once = answerOnce<APIInteractionResponse>({ keepMs: REPLAY_MS, max: MAX_KEPT });

  function refuse(reply: FastifyReply, verdict: Exclude<Verdict, 'genuine'>): FastifyReply {
    deps.onVerdict(verdict);
    deps.logRefusal({ route: PATH, code: verdict });
    return sendProblem(reply, verdict === 'busy' ? BUSY : UNSIGNED);
  }

  app.post(PATH, {
    bodyLimit: BODY_LIMIT_BYTES,
    onRequest: async (request, reply) => {
      const early = deps.verifier.preview(signedBy(request));
      return early && refuse(reply, early);
    },
    handler: async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const verdict = await deps.verifier.verify({ ...signedBy(request), body });
      if (verdict !== 'genuine') return refuse(reply, verdict);
      deps.onVerdict(verdict);
      const payload = readPayload(body);
      if (!payload) return sendProblem(reply, problems.badRequest);
      return once(payload.id, () => deps.answer(payload));
    },
  });
}
