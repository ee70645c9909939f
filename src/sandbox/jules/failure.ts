/** An answer that is not a success, in Google's envelope. */
export class ApiError extends Error {
  readonly status: number;
  readonly canonical: string;
  readonly details: readonly object[];

  constructor(status: number, canonical: string, { message, details = [] }: { message: string; details?: object[] }) {
    super(message);
    this.status = status;
    this.canonical = canonical;
    this.details = details;
  }

  toJSON() {
    const { status, message, canonical, details } = this;
    return { error: { code: status, message, status: canonical, ...(details.length > 0 && { details }) } };
  }
}

const credentials = (message: string) =>
  new ApiError(401, 'UNAUTHENTICATED', {
    message,
    details: [
      {
        '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
        reason: 'CREDENTIALS_MISSING',
        domain: 'googleapis.com',
      },
    ],
  });

export const keyMissing = () =>
  credentials(
    'Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.',
  );

/** The real service says this of a wrong key, and it is not true. */
export const keyUnknown = () =>
  credentials(
    'API keys are not supported by this API. Expected OAuth2 access token or other authentication credentials that assert a principal. See https://cloud.google.com/docs/authentication',
  );

export const forbidden = () =>
  new ApiError(403, 'PERMISSION_DENIED', { message: 'The caller does not have permission' });

export const notFound = () => new ApiError(404, 'NOT_FOUND', { message: 'Requested entity was not found.' });

export const preconditionFailed = () =>
  new ApiError(400, 'FAILED_PRECONDITION', { message: 'Precondition check failed.' });

export const quotaExceeded = () =>
  new ApiError(429, 'RESOURCE_EXHAUSTED', { message: 'Resource has been exhausted (e.g. check quota).' });

export const serverError = (status: number) =>
  new ApiError(status, { 503: 'UNAVAILABLE', 504: 'DEADLINE_EXCEEDED' }[status] ?? 'INTERNAL', {
    message: 'Internal error encountered.',
  });

export type Violation = { readonly field: string; readonly description: string };

export const invalidArgument = (violations: readonly Violation[]) =>
  new ApiError(400, 'INVALID_ARGUMENT', {
    message: violations.map(({ description }) => description).join('\n'),
    details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations: violations }],
  });

export const badRequest = (message: string) => new ApiError(400, 'INVALID_ARGUMENT', { message });

/** What Google's front end answers where no method is. */
export const HTML_404 = `<!DOCTYPE html>
<html lang=en><meta charset=utf-8><title>Error 404 (Not Found)!!1</title>
<p><b>404.</b> <ins>That’s an error.</ins><p>The requested URL was not found on this server. <ins>That’s all we know.</ins>
`;

export const htmlError = (status: number) => `<!DOCTYPE html>
<html lang=en><meta charset=utf-8><title>Error ${status} (Server Error)!!1</title>
<p><b>${status}.</b> <ins>That’s an error.</ins><p>The server encountered a temporary error. Please try again in 30 seconds.
`;
