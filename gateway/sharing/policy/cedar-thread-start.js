// Starts the thread of `cedar-thread.ts`, which is TypeScript.
import { register } from 'tsx/esm/api'

register()
await import('./cedar-thread-main.ts')
