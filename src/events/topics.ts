/** A process of Verne has started (`service:verne`), which wakes what must run for ever; work on a key was given up. */
export const EVENT_TOPICS = ['service.started', 'delivery.dead'] as const;
