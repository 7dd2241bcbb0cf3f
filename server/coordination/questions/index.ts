export { createQuestions, type QuestionDesk, type QuestionsOptions } from './questions.ts'
