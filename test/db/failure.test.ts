import { expect, test } from 'vitest';
import { databaseFailure } from '#db/failure.ts';
import { Refusal, RemoteFailure } from '#kernel/errors.ts';

const failed = (code: string, facts: object = {}) =>
  databaseFailure('request_task', Object.assign(new Error('some message'), { code, ...facts }));

test.each([
  '57P01',
  '57P02',
  '08006',
  '08003',
  '40003',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
])('after %s the call may have been committed', (code) => {
  expect(failed(code)).toBeInstanceOf(RemoteFailure);
  expect(failed(code)).toMatchObject({ service: 'database', code, retry: 'soon', unknownOutcome: true });
});

test.each([
  '57P03',
  '08001',
  '08004',
  '40001',
  '40P01',
  '55P03',
  '57014',
  '53100',
  '53300',
  'ECONNREFUSED',
  'ENOTFOUND',
  'CONNECT_TIMEOUT',
])('after %s nothing was committed', (code) => {
  expect(failed(code)).toBeInstanceOf(RemoteFailure);
  expect(failed(code)).toMatchObject({ service: 'database', code, retry: 'soon', unknownOutcome: false });
});

test('a refusal without a detail is known by its SQLSTATE', () => {
  const refusal = failed('VN002');
  expect(refusal).toBeInstanceOf(Refusal);
  expect(refusal).toMatchObject({ code: 'VN002', sentence: 'some message' });
});

test.each(['23505', '42883', 'P0001', '42501', 'XX000'])(
  '%s is a defect: not retried as weather, not told as a refusal',
  (code) => {
    expect(failed(code)).toMatchObject({ name: `DatabaseDefect[${code}]`, code });
    expect(failed(code)).not.toBeInstanceOf(RemoteFailure);
  },
);

test('neither detail, parameters nor query come through', () => {
  const leaky = {
    detail: 'hunter2',
    parameters: ['hunter2'],
    query: 'select hunter2',
    hint: 'hunter2',
    where: 'hunter2',
  };
  for (const code of ['23505', '22P02', '57P01']) {
    const error = failed(code, leaky) as Error;
    expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain('hunter2');
  }
});

test('what the database did not throw stays what it is', () => {
  const defect = new TypeError('no function');
  expect(databaseFailure('request_task', defect)).toBe(defect);
  expect(databaseFailure('request_task', 'text')).toBe('text');
});
