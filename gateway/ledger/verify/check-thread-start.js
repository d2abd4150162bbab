// Starts a thread of `check-thread.ts`, which is TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./check-thread-main.ts')
