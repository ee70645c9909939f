/** Made up, each in the shape that its maker gives to real ones. */
const x = (length: number, from = 'aB3dE5fG7hJ9kL1m') => from.repeat(Math.ceil(length / from.length)).slice(0, length);

export const SECRETS: readonly (readonly [kind: string, secret: string])[] = [
  ['Google', `AIza${x(35)}`],
  ['Google, newer', `AQ.${x(40)}`],
  ['Google access', `ya29.${x(60)}`],
  ['Discord bot', `${x(24)}.${x(6)}.${x(38)}`],
  ['JSON web token', `eyJ${x(20)}.eyJ${x(30)}.${x(43)}`],
  ['GitHub', `ghp_${x(36)}`],
  ['GitHub app', `ghs_${x(36)}`],
  ['GitHub fine-grained', `github_pat_${x(22)}_${x(59)}`],
  ['webhook', `whsec_${x(32)}`],
  ['Supabase', `sb_secret_${x(31)}`],
  ['OpenAI', `sk-proj-${x(40)}`],
  ['Stripe', `sk_live_${x(24)}`],
  ['Slack', `xoxb-${x(12, '123456789012')}-${x(24)}`],
  ['npm', `npm_${x(36)}`],
  ['Slack webhook', `https://hooks.slack.com/services/T${x(8, '0123456789')}/B${x(8, '0123456789')}/${x(24)}`],
  ['Hugging Face', `hf_${x(34)}`],
  ['SendGrid', `SG.${x(22)}.${x(43)}`],
  ['DigitalOcean', `dop_v1_${x(64, '0123456789abcdef')}`],
  ['AWS', 'AKIAIOSFODNN7EXAMPLE'],
  [
    'private key',
    `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\n${x(64)}\n${x(20)}==\n-----END RSA PRIVATE KEY-----`,
  ],
];
