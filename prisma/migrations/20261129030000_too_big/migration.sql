-- AlterTable
ALTER TABLE "Relay" ADD COLUMN     "bufferAsked" INTEGER,
ADD COLUMN     "bufferReceive" INTEGER,
ADD COLUMN     "bufferSend" INTEGER;

-- AlterTable
ALTER TABLE "RelaySession" ADD COLUMN     "tooBigA" BIGINT NOT NULL DEFAULT 0,
ADD COLUMN     "tooBigB" BIGINT NOT NULL DEFAULT 0;
