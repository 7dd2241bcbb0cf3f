-- AlterTable
ALTER TABLE "Relay" ADD COLUMN     "sessionRate" BIGINT;
