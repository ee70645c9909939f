/** A process of Verne has started (`service:verne`): wakes what must run for ever. */
export const EVENT_TOPICS = ['service.started'] as const;
