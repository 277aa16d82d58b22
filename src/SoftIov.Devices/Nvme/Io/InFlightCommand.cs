using System.Runtime.InteropServices;
using SoftIov.Devices.Nvme.Spec;

namespace SoftIov.Devices.Nvme;

/// <summary>A command under way, as far as it must survive its process: whose it is, what it does where, and how far it came.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct InFlightCommand
{
    /// <summary>Submission queue; negative when nobody waits for it any more.</summary>
    public int Queue;

    /// <summary>Identifier in that queue.</summary>
    public ushort CommandId;

    public NvmOpcode Opcode;

    /// <summary>Non-zero: on stable media before it completes.</summary>
    public byte IsDurable;

    /// <summary>Bytes of a block, as a power of two.</summary>
    public byte BlockShift;

    /// <summary>Non-zero: Write Zeroes gives the space back.</summary>
    public byte Deallocates;

    public uint NamespaceId;

    /// <summary>First byte in the namespace.</summary>
    public long Offset;

    /// <summary>Bytes.</summary>
    public long Length;

    /// <summary>0, or 1 when what the command is for is done and what follows is under way: the write of a copy, the flush of zeroes.</summary>
    public int Stage;

    /// <summary>Ranges that the store is asked for in this stage.</summary>
    public int RangeCount;

    /// <summary>The range that is to be asked for next.</summary>
    public int NextRange;

    /// <summary>Bytes of it that were asked for.</summary>
    public long Asked;

    /// <summary>Bytes of the buffer that the requests of this stage took.</summary>
    public int BufferUsed;

    /// <summary>Requests that the store has not answered.</summary>
    public int Unanswered;

    /// <summary>How it will end: the first error.</summary>
    public NvmeStatus Status;

    /// <summary>The turn in which it entered its namespace.</summary>
    public int Turn;

    /// <summary>Non-zero: it left its namespace, and its cost was paid back.</summary>
    public int HasLeft;

    /// <summary>What it takes of the share of the store, in bytes.</summary>
    public long Cost;

    /// <summary>When it was taken.</summary>
    public long SinceTicks;

    /// <summary>Pieces of the host's buffer.</summary>
    public int PageCount;

    /// <summary>Bytes of the first of them.</summary>
    public int FirstLength;

    /// <summary>Their addresses.</summary>
    public PageAddresses Pages;

    /// <summary>It came from a queue that is gone: nobody waits for it.</summary>
    public readonly bool IsForgotten => Queue < 0 && NamespaceId != 0;
}
