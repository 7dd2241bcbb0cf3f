import { differential } from './differential-suite.ts'

differential()
