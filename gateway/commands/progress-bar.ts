/** How far a long command has come, on standard error, and only where somebody watches. */
export function progressBar(what: string): (done: number, all: number) => void {
  const WIDTH = 30 // characters
  let told = -1
  return (done, all) => {
    if (!process.stderr.isTTY) return
    const percent = all === 0 ? 100 : Math.floor((done / all) * 100)
    if (percent === told) return
    told = percent
    const full = Math.round((percent / 100) * WIDTH)
    const end = percent === 100 ? '\n' : ''
    process.stderr.write(
      `\r${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${percent} % ${what} (${done} of ${all})${end}`,
    )
  }
}
