/** Posts one alert to whoever must know. Refuses to follow a redirect: it acknowledges nothing. */

const POST_DEADLINE = 5_000 // milliseconds

/**
 * @param stop ends the wait
 * @returns null where it was acknowledged, else what came instead; never the address, which may hold a secret
 */
export async function postAlert(url: string, alert: object, stop: AbortSignal): Promise<string | null> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alert),
      redirect: 'error',
      signal: AbortSignal.any([stop, AbortSignal.timeout(POST_DEADLINE)]),
    })
    await response.body?.cancel()
    return response.ok ? null : `status ${response.status}`
  } catch (error) {
    return error instanceof Error ? error.name : 'no answer'
  }
}
