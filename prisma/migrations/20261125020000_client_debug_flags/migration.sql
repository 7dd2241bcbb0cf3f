-- AlterTable
ALTER TABLE "Node" ADD COLUMN     "debugFlags" TEXT[] DEFAULT ARRAY[]::TEXT[];
