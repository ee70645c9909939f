/** A process of Verne has started; its key is `service:verne`. What must run for ever is woken by it. */
export const SERVICE_STARTED = 'service.started';
