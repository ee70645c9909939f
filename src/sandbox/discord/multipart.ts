import { DiscordError, discordError } from './errors.ts';
import type { UploadedFile } from './messages.ts';

type Upload = { readonly body: unknown; readonly files: readonly UploadedFile[] };

/** `payload_json` and `files[n]`; the platform's own `Response` reads the form. */
export async function readMultipart(bytes: Buffer, contentType: string): Promise<Upload> {
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw Object.assign(new DiscordError(400, 50035, { message: 'The multipart body could not be read' }), { cause });
    });
  const files: UploadedFile[] = [];
  for (const [field, value] of form) {
    if (typeof value === 'string') continue;
    const content = Buffer.from(await value.arrayBuffer());
    files.push({ field, name: value.name, contentType: value.type || 'application/octet-stream', bytes: content });
  }
  const payload = form.get('payload_json');
  return { body: typeof payload === 'string' ? readJson(payload) : {}, files };
}

export function readJson(text: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw Object.assign(discordError('invalidJson'), { cause });
  }
}
