import { killedBy } from './mutant.ts';

/** The door that Discord calls. */
const interactions = killedBy('test/http/interactions.test.ts', [
  {
    name: 'A command is handled before its signature is known to be good',
    file: 'src/http/routes/discord-interactions.ts',
    text: 'const verdict = await deps.verifier.verify(',
    by: 'const early = readPayload(body);\n      if (early) await deps.answer(early);\n      const verdict = await deps.verifier.verify(',
    claim: 'what is refused looks the same whatever was wrong with it, and no byte of it is parsed',
  },
  {
    name: 'A request that is replayed is handled again',
    file: 'src/http/routes/discord-interactions.ts',
    text: 'return once(payload.id, () => deps.answer(payload));',
    by: 'return deps.answer(payload);',
    claim: 'a request that comes again is answered again and handled once',
  },
  {
    name: 'What broke is remembered as the answer',
    file: 'src/http/recent.ts',
    text: 'if (recent.get(id)?.answer === answer) recent.delete(id);',
    by: '',
    claim: 'what broke is not remembered: the same request may succeed later',
  },
]);

/** Reports about sessions. */
const webhook = killedBy('test/http/webhook.test.ts', [
  {
    name: 'A report is acknowledged before it is inserted',
    file: 'src/http/routes/webhooks.ts',
    text: 'return reply.code(202).send(await take({ webhook, request }, logRefusal));',
    by: "take({ webhook, request }, logRefusal).catch(() => {});\n        return reply.code(202).send({ kind: 'accepted' });",
    claim: 'that could not be stored is never said to be',
  },
]);

const reports = killedBy('test/jules/webhook.test.ts', [
  {
    name: 'A report never grows old',
    file: 'src/jules/webhook.ts',
    text: 'const WINDOW_MS = 5 * 60_000;',
    by: 'const WINDOW_MS = Number.POSITIVE_INFINITY;',
    claim: 'a report is fresh for five minutes both ways, to the millisecond',
  },
  {
    name: 'Of an HMAC only the length is compared',
    file: 'src/jules/webhook.ts',
    text: 'return timingSafeEqual(digest(one), digest(other));',
    by: 'return digest(one).length === digest(other).length;',
    claim: 'a wrong signature is not mended by a right bearer, and nothing that was changed passes',
  },
  {
    name: 'Without a secret everybody is let in',
    file: 'src/jules/webhook.ts',
    text: 'return fits.includes(true);',
    by: 'return !fits.includes(false);',
    claim: 'no secret in force lets nobody in',
  },
]);

const app = killedBy('test/http/app.test.ts', [
  {
    name: 'A body that is compressed is taken',
    file: 'src/http/app.ts',
    text: 'if (isEncoded(request)) return problems.encoded;',
    by: '',
    claim: 'on every route a body that is compressed or too large is refused before it is read',
  },
]);

const log = killedBy('test/kernel/log.test.ts', [
  {
    name: 'Redaction is off',
    file: 'src/kernel/log.ts',
    text: 'hooks: { streamWrite: safeLine(scrubber(secrets)) },',
    by: '',
    claim: 'a secret is hidden wherever it stands: field, message, URL, error, cause, array',
  },
  {
    name: 'Fields are not redacted by their names',
    file: 'src/kernel/log.ts',
    text: "redact: { paths: REDACTED_PATHS, censor: '[redacted]' },",
    by: '',
    claim: 'a secret is hidden wherever it stands: field, message, URL, error, cause, array',
  },
  {
    name: 'A secret prints in JSON',
    file: 'src/kernel/secret.ts',
    text: "toJSON(): string {\n    return '[secret]';",
    by: 'toJSON(): string {\n    return this.#value;',
    claim: 'a Secret does not print, however it is turned into text',
  },
]);

const config = killedBy('test/config.test.ts', [
  {
    name: 'A window that is shorter than its call may take is configured without a word',
    file: 'src/config.ts',
    text: 'return [...tooShort, ...renewalProblems(values)];',
    by: 'return renewalProblems(values);',
    claim: '%s that is not longer than %s is refused',
  },
]);

export const doorMutants = [...interactions, ...webhook, ...reports, ...app, ...log, ...config];
