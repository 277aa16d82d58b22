using System.Runtime.InteropServices;

namespace SoftIov.Lab.Nvme;

/// <summary>I/O commands to a namespace, one by one, on a queue that others of the same thread may use too.</summary>
public sealed partial class NamespaceClient : CommandClient
{
    /// <summary>Asks the controller for the length of the namespace's blocks unless told.</summary>
    public NamespaceClient(NvmeController controller, SubmissionQueue queue, uint namespaceId, int blockLength = 0)
        : base(queue, controller.Memory, controller.Options)
    {
        NamespaceId = namespaceId;
        BlockLength = blockLength != 0 ? blockLength : controller.Admin.IdentifyNamespace(namespaceId).BlockLength;
    }

    /// <summary>NSID.</summary>
    public uint NamespaceId { get; }

    /// <summary>Bytes of a block.</summary>
    public int BlockLength { get; }

    /// <summary>Reads as many blocks as <paramref name="data"/> holds; <paramref name="flags"/> are bits of CDW12.</summary>
    public CompletionEntry Read(ulong lba, Span<byte> data, uint flags = 0) =>
        Execute(NvmCommand.Read(NamespaceId, lba, BlocksOf(data), flags), data);

    /// <summary>Writes.</summary>
    public CompletionEntry Write(ulong lba, ReadOnlySpan<byte> data, uint flags = 0) =>
        Send(NvmCommand.Write(NamespaceId, lba, BlocksOf(data), flags), data);

    /// <summary>Compares; 2/85 when something differs.</summary>
    public CompletionEntry Compare(ulong lba, ReadOnlySpan<byte> data) => Send(NvmCommand.Compare(NamespaceId, lba, BlocksOf(data)), data);

    /// <summary>Flush.</summary>
    public CompletionEntry Flush() => Execute(NvmCommand.Flush(NamespaceId));

    /// <summary>Verify.</summary>
    public CompletionEntry Verify(ulong lba, int blocks) => Execute(NvmCommand.Verify(NamespaceId, lba, blocks));

    /// <summary>Write Zeroes.</summary>
    public CompletionEntry WriteZeroes(ulong lba, int blocks, bool deallocates = false) =>
        Execute(NvmCommand.WriteZeroes(NamespaceId, lba, blocks, deallocates));

    /// <summary>Write Uncorrectable.</summary>
    public CompletionEntry WriteUncorrectable(ulong lba, int blocks) => Execute(NvmCommand.WriteUncorrectable(NamespaceId, lba, blocks));

    /// <summary>Dataset Management that deallocates 1..256 ranges.</summary>
    public CompletionEntry Deallocate(params ReadOnlySpan<BlockRange> ranges) =>
        Send(NvmCommand.Deallocate(NamespaceId, ranges.Length), MemoryMarshal.AsBytes(ranges));

    /// <summary>Copies 1..256 ranges to <paramref name="destination"/>, one after another.</summary>
    public CompletionEntry Copy(ulong destination, params ReadOnlySpan<CopyRange> ranges) =>
        Send(NvmCommand.Copy(NamespaceId, destination, ranges.Length), MemoryMarshal.AsBytes(ranges));

    private int BlocksOf(ReadOnlySpan<byte> data) => data.Length / BlockLength;
}
