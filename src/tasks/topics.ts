/** Facts about tasks (`task:{id}`), their sessions, their accounts (`account:{id}`) and keys' repositories (`key:{id}`). */
export const TASK_TOPICS = [
  'task.requested',
  'task.confirmed',
  'task.rejected',
  'task.cancelled',
  'task.expired',
  'task.admitted',
  'task.completed',
  'task.failed',
  'task.resumed',
  'task.updated',
  'session.opened',
  'session.moved',
  'session.progressed',
  'session.delayed',
  'account.watched',
  'sources.wanted',
] as const;
