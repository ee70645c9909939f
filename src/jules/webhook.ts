import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Refusal } from '#kernel/errors.ts';

/**
 * `POST /webhook/jules`. Jules itself sends none today: relays, GitHub Actions and people do. Authenticity is either an
 * HMAC-SHA256 over the raw bytes (`X-Verne-Signature: sha256=…`) or the secret as a bearer token; two secrets may be valid
 * at once, so that one can be exchanged without a gap. `at` is inside the signed bytes: an old body is refused.
 */
const julesReport = z
  .object({
    /** Unique to the report: sent again, it is the same one. */
    id: z.string().min(1).max(200),
    /** When it was made, RFC 3339. */
    at: z.iso.datetime({ offset: true }),
    task_id: z.uuid().optional(),
    /** Jules's id of the session, with or without `sessions/`. */
    session: z
      .string()
      .regex(/^(?:sessions\/)?[A-Za-z0-9_-]{1,64}$/)
      .optional(),
    state: z.string().max(64).optional(),
    pr_url: z.url().max(300).optional(),
    summary: z.string().max(4000).optional(),
  })
  .refine(({ task_id, session }) => task_id !== undefined || session !== undefined, {
    message: 'name the task: task_id (ours) or session (of Jules)',
  });
export type JulesReport = z.output<typeof julesReport>;

/** What the webhook is, for those who call it. */
export const JULES_WEBHOOK = {
  name: 'jules',
  summary: 'Reports of a Jules session: look at it now; its pull request, where Jules names none.',
  body: z.toJSONSchema(julesReport, { io: 'input' }),
  curl: [
    `body="{\\"id\\":\\"by-hand-$(date +%s)\\",\\"at\\":\\"$(date -u +%Y-%m-%dT%H:%M:%SZ)\\",\\"session\\":\\"4001289662665748680\\"}"`,
    `signature="sha256=$(printf %s "$body" | openssl dgst -sha256 -hmac "$JULES_WEBHOOK_SECRET" -hex | sed 's/.* //')"`,
    `curl -sS "$VERNE_URL/webhook/jules" -H 'content-type: application/json' -H "x-verne-signature: $signature" -d "$body"`,
  ].join('\n'),
} as const;

export type WebhookRequest = {
  readonly body: Buffer;
  readonly signature: string | undefined;
  readonly authorization: string | undefined;
};

const WINDOW_MS = 5 * 60_000;

/** Equal work whatever differs: both sides are hashed first, so not even a length can be guessed by time. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** Who sent it is known by one of the secrets. Every secret is tried, so that time does not tell which one fits. */
export function isAuthentic({ body, signature, authorization }: WebhookRequest, secrets: readonly string[]): boolean {
  const claimed = signature ?? authorization?.replace(/^Bearer /, '');
  if (!claimed) return false;
  const fits = secrets.map((secret) =>
    same(claimed, signature ? `sha256=${createHmac('sha256', secret).update(body).digest('hex')}` : secret),
  );
  return fits.includes(true);
}

/** The report in a verified body. Throws a `Refusal` that names what is wrong with it. */
export function readReport(body: Buffer, now: Date): JulesReport {
  const report = julesReport.safeParse(parsed(body));
  if (!report.success) {
    const where = report.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
    throw new Refusal('bad_report', `The report cannot be read: ${where.join('; ')}.`);
  }
  if (Math.abs(new Date(report.data.at).getTime() - now.getTime()) > WINDOW_MS) {
    throw new Refusal(
      'stale_report',
      '`at` is more than five minutes from now. Make the report anew, and check the clock.',
    );
  }
  return report.data;
}

/** Undefined where it is not JSON, which the schema then refuses like anything else that is no report. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}
