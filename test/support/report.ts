import { createHmac } from 'node:crypto';

/** What the sandbox gives its bot; `docs/sandbox.md` names it. */
const SECRET = 'sandbox-webhook-secret';

export type Report = { readonly id: string; readonly session: string; readonly pr_url?: string };
export type Answered = { readonly status: number; readonly kind: string };

/** Reports to `/webhook/jules`, signed with the secret of the sandbox or with another. */
export async function report(origin: string, told: Report, secret = SECRET): Promise<Answered> {
  const body = JSON.stringify({ ...told, at: new Date().toISOString() });
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  const headers = { 'content-type': 'application/json', 'x-verne-signature': signature };
  const response = await fetch(`${origin}/webhook/jules`, { method: 'POST', headers, body });
  const answer = (await response.json()) as { kind?: string; error?: { code: string } };
  return { status: response.status, kind: answer.kind ?? answer.error?.code ?? '' };
}
