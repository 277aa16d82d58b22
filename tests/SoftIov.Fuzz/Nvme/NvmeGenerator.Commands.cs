using SoftIov.Lab.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <content>Commands and where their data are.</content>
internal sealed partial class NvmeGenerator
{
    private static readonly byte[] Features = [1, 2, 4, 5, 6, 7, 8, 9, 0xA, 0xB, 0xE, 0x81, 0x82, 0x83, 0x84, 0xD0];

    private static readonly byte[] LogPages = [0, 1, 2, 3, 4, 5, 0x80, 0x81, 0xC1];

    private static readonly byte[] Structures = [0, 1, 2, 3, 5, 6, 7, 8, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x1C];

    private SubmissionEntry MakeAdmin()
    {
        byte feature = Pick(Features);
        switch (_random.Next(14))
        {
            case 0 or 1 or 2:
                return At(AdminCommand.Identify((IdentifyCns)Pick(Structures), Id(), (ushort)_random.Next(4)), AdminClient.IdentifyLength);
            case 3 or 4:
                int length = 4 * _random.Next(1, Chance(95) ? 2048 : 100_000);
                ulong offset = Chance(80) ? 0 : (ulong)_random.Next(8192);
                return At(AdminCommand.GetLogPage(Pick(LogPages), length, offset, Chance(50), Id()), length);
            case 5:
                return At(AdminCommand.SetFeatures(feature, Small(), Chance(5), Chance(50) ? 0 : Id()), 16);
            case 6:
                return At(AdminCommand.GetFeatures(feature, _random.Next(5), Small(), Id()), 16);
            case 7 or 8:
                return AdminCommand.AsyncEventRequest();
            case 9:
                return AdminCommand.Abort(_random.Next(NvmeRunner.PairCount), (ushort)_random.Next(_commandId + 1));
            case 10:
                return AdminCommand.DoorbellBufferConfig(Address() & ~0xFFFUL, Address() & ~0xFFFUL);
            case 11 when Chance(30):
                return AdminCommand.FormatNvm(Id(), _random.Next(3), _random.Next(3));
            case 12:
                return Create(Chance(50) ? AdminOpcode.CreateCompletionQueue : AdminOpcode.CreateSubmissionQueue, _random.Next(7));
            default:
                return new SubmissionEntry { Opcode = (byte)_random.Next(256), NamespaceId = Id(), Dword10 = Small(), Prp1 = Address() };
        }
    }

    private SubmissionEntry MakeIo()
    {
        int blocks = Chance(80) ? _random.Next(1, 65) : _random.Next(1, 600);
        ulong first = Block();
        int ranges = Chance(70) ? _random.Next(1, 8) : _random.Next(1, 257);
        switch (_random.Next(16))
        {
            case < 4:
                return At(NvmCommand.Read(Id(), first, blocks, Small() << 26), blocks * 512);
            case < 8:
                return At(NvmCommand.Write(Id(), first, blocks, Small() << 26), blocks * 512);
            case 8:
                return At(NvmCommand.Compare(Id(), first, blocks), blocks * 512);
            case 9:
                return NvmCommand.WriteZeroes(Id(), first, blocks, Chance(50));
            case 10:
                return Chance(50) ? NvmCommand.Flush(Chance(80) ? Id() : uint.MaxValue) : NvmCommand.Verify(Id(), first, blocks);
            case 11:
                return WithRanges(At(NvmCommand.Deallocate(Id(), ranges), ranges * BlockRange.Size), ranges, BlockRange.Size);
            case 12:
                return WithRanges(At(NvmCommand.Copy(Id(), first, ranges), ranges * CopyRange.Size), ranges, CopyRange.Size);
            case 13:
                return At(NvmCommand.ReservationReport(Id(), 4 * _random.Next(1, 1024), Chance(50)), 4096);
            case 14:
                ReservationType type = (ReservationType)_random.Next(8);
                return At(_random.Next(3) switch
                {
                    0 => NvmCommand.ReservationRegister(Id(), _random.Next(4), Chance(50), _random.Next(4)),
                    1 => NvmCommand.ReservationAcquire(Id(), _random.Next(4), type),
                    _ => NvmCommand.ReservationRelease(Id(), _random.Next(3), type),
                }, 16);
            default:
                return new SubmissionEntry { Opcode = (byte)_random.Next(256), NamespaceId = Id(), Dword10 = Small(), Prp1 = Address() };
        }
    }

    /// <summary>Mostly one that is there; else about the end, about the end of all numbers, or anywhere.</summary>
    private ulong Block() => _random.Next(100) switch
    {
        < 92 => (ulong)_random.Next(8192),
        < 94 => 8192 - (ulong)_random.Next(64),
        < 97 => ulong.MaxValue - (ulong)_random.Next(64),
        < 98 => (1UL << 55) - (ulong)_random.Next(64),
        _ => (ulong)_random.NextInt64() << 1,
    };

    /// <summary>Ranges in the page that a command takes them from, if that is one of the data.</summary>
    private SubmissionEntry WithRanges(SubmissionEntry entry, int ranges, int size)
    {
        for (int i = 0; i < ranges && i < 8; i++)
        {
            ulong at = entry.Prp1 + (ulong)(i * size) + 8;
            bool isData = at is >= NvmeBench.Data and < NvmeBench.Data + NvmeBench.DataBytes - 64 && (at & 7) == 0;
            if (!isData)
                continue;
            Add(NvmeStepKind.Store, at, (ulong)_random.Next(Chance(90) ? 8192 : int.MaxValue));
            Add(NvmeStepKind.Store, size == CopyRange.Size ? at + 8 : at - 8, (ulong)_random.Next(64) << (size == CopyRange.Size ? 0 : 32));
        }

        return entry;
    }

    /// <summary>Data of so many bytes, with a list that is stored before when there must be one.</summary>
    private SubmissionEntry At(SubmissionEntry entry, int length)
    {
        bool isClean = Chance(75);
        ulong first = Address(isClean);
        int left = length - (Page - (int)(first & (Page - 1)));
        if (left <= Page)
            return entry with { Prp1 = first, Prp2 = left <= 0 && Chance(90) ? 0 : Address(isClean) & ~0xFFFUL };
        ulong list = NvmeBench.Data + ((ulong)_random.Next(16) * Page) + (Chance(70) ? 0 : 8 * (ulong)_random.Next(512));
        for (ulong at = list; left > 0 && at < NvmeBench.Data + NvmeBench.DataBytes; at += 8, left -= Page)
        {
            bool isLink = (at & (Page - 1)) == Page - 8 && left > Page;
            Add(NvmeStepKind.Store, at, isLink ? at + 8 : isClean || Chance(95) ? Address(isClean) & ~0xFFFUL : Address());
        }

        return entry with { Prp1 = first, Prp2 = isClean || Chance(95) ? list : Address() };
    }

    /// <summary>Mostly a page of the data; else inside one, read-only, unmapped, at the end of all addresses, or a queue.</summary>
    private ulong Address(bool isClean = false) => _random.Next(isClean ? 88 : 100) switch
    {
        < 78 => NvmeBench.Data + ((ulong)_random.Next((int)(NvmeBench.DataBytes / Page)) * Page),
        < 88 => NvmeBench.Data + ((ulong)_random.Next((int)NvmeBench.DataBytes / 4) * 4),
        < 90 => NvmeBench.Data + (ulong)_random.Next((int)NvmeBench.DataBytes),
        < 93 => NvmeBench.ReadOnly + ((ulong)_random.Next(NvmeBench.ReadOnlyBytes / Page) * Page),
        < 95 => NvmeBench.Data + NvmeBench.DataBytes - ((ulong)_random.Next(3) * Page),
        < 96 => ulong.MaxValue - (ulong)_random.Next(2 * Page),
        < 97 => 0,
        < 98 => NvmeBench.Queues + ((ulong)_random.Next((int)(NvmeBench.QueueBytes / Page)) * Page),
        _ => (ulong)_random.NextInt64(),
    };

    private SubmissionEntry Spoil(SubmissionEntry entry)
    {
        if (Chance(94))
            return entry;
        return _random.Next(5) switch
        {
            0 => entry with { Flags = (byte)_random.Next(256) },
            1 => entry with { Dword10 = (uint)_random.Next() },
            2 => entry with { Dword11 = (uint)_random.Next() },
            3 => entry with { Dword12 = (uint)_random.Next() },
            _ => entry with { Opcode = (byte)_random.Next(256) },
        };
    }

    private uint Id() => Chance(92) ? Namespace : Chance(80) ? (uint)_random.Next(6) : (uint)_random.Next() << 1;

    private uint Small() => Chance(90) ? (uint)_random.Next(32) : (uint)_random.Next();

    private byte Pick(byte[] from) => from[_random.Next(from.Length)];
}
