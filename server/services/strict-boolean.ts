import { z } from 'zod'

/** `true` or `false` and nothing that only reads like it: the API's library takes the text "false" for a true boolean. */
export const strictBoolean = z.literal([true, false])
