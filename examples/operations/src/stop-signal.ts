/**
 * An AbortSignal that fires at the first SIGINT or SIGTERM, with the signal's name as its reason.
 * A second one ends the process at once with 128 + its number, for those who will not wait.
 */
export function stopSignal(): AbortSignal {
  const controller = new AbortController()
  const codes = { SIGINT: 130, SIGTERM: 143 } as const
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(codes[name])
      controller.abort(name)
    })
  }
  return controller.signal
}

/** Waits until the signal fires. */
export function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
