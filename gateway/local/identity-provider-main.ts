/** Runs the identity provider as a process of its own. Its one argument names a file with the provider's options. */
import { readFile } from 'node:fs/promises'
import { startIdentityProvider } from './identity-provider.ts'

const [optionsFile] = process.argv.slice(2)
if (optionsFile === undefined) throw new Error('name the file with the options of the identity provider')
const provider = await startIdentityProvider(JSON.parse(await readFile(optionsFile, 'utf8')))
console.log(`the identity provider listens at ${provider.issuer}`)
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void provider.stop().then(() => process.exit(0)))
}
