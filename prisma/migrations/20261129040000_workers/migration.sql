-- AlterTable
ALTER TABLE "Relay" ADD COLUMN     "workers" INTEGER;
