using System.Runtime.InteropServices;
using SoftIov.Fuzz.Nvme;
using SoftIov.Lab.Nvme;
using SoftIov.Memory;
using Xunit;

namespace SoftIov.Tests.Devices.Nvme;

/// <summary>
/// Queues of a driver behind an IOMMU: neighbours to the controller, pages that are strangers to each other in memory. Page n of the range is
/// the last but n of the host's.
/// </summary>
public sealed class QueueInPiecesTests : IDisposable
{
    private const int Page = 4096;
    private const int Pages = 6;
    private const int SubmissionSize = 100;
    private const int CompletionSize = 1000;
    private const ulong Submissions = 0x7000_0000_0000;
    private const ulong Completions = Submissions + (2 * Page);

    private readonly ControllerRig _rig = ControllerRig.Enabled();
    private readonly BareController _controller;
    private readonly ulong _memory;
    private readonly uint _namespace;

    public QueueInPiecesTests()
    {
        _controller = new BareController(_rig.Endpoint, _rig.Memory);
        _memory = _rig.Memory.Allocate(Pages * Page, Page);
        _namespace = _rig.AddNamespace();
    }

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void N020_Pages_of_queues_need_not_be_neighbours_in_memory()
    {
        Map(Pages);
        _rig.Driver.Admin.Execute(AdminCommand.CreateCompletionQueue(1, CompletionSize, Completions, 0, interrupts: false)).Check("create");
        _rig.Driver.Admin.Execute(AdminCommand.CreateSubmissionQueue(1, SubmissionSize, Submissions, 1)).Check("create");
        for (int i = 0; i < 3 * CompletionSize; i++)
        {
            int at = i % SubmissionSize;
            SubmissionEntry flush = NvmCommand.Flush(_namespace) with { CommandId = (ushort)i };
            MemoryMarshal.Write(At(Submissions + (ulong)(at * SubmissionEntry.Size), SubmissionEntry.Size), in flush);
            _controller.Write32(NvmeRegister.Doorbells + 8, (uint)((at + 1) % SubmissionSize));
            _rig.Poll();
            int done = i % CompletionSize;
            CompletionEntry entry = MemoryMarshal.Read<CompletionEntry>(At(Completions + (ulong)(done * CompletionEntry.Size), CompletionEntry.Size));
            Assert.Equal((ushort)i, entry.CommandId);
            entry.Check("flush");
            _controller.Write32(NvmeRegister.Doorbells + 12, (uint)((done + 1) % CompletionSize));
        }
    }

    [Fact]
    public void N020_A_queue_with_a_page_that_is_not_mapped_is_refused()
    {
        Map(Pages - 1);
        Assert.True(_rig.Driver.Admin.Execute(AdminCommand.CreateCompletionQueue(1, CompletionSize, Completions, 0, false)).Status.Is(0, 0x04));
        _rig.Driver.Admin.Execute(AdminCommand.CreateCompletionQueue(1, CompletionSize / 2, Completions, 0, false)).Check("create");
    }

    private void Map(int pages)
    {
        for (int i = 0; i < pages; i++)
        {
            DmaMapStatus status = _rig.Dma.Map(
                Submissions + (ulong)(i * Page), Page, DmaAccess.Read | DmaAccess.Write, _rig.Memory.Host, Place(i) - _rig.Memory.Iova);
            Assert.Equal(DmaMapStatus.Ok, status);
        }
    }

    private ulong Place(int page) => _memory + (ulong)((Pages - 1 - page) * Page);

    private Span<byte> At(ulong iova, int length)
    {
        ulong offset = iova - Submissions;
        return _rig.Memory.Span(Place((int)(offset / Page)) + (offset % Page), length);
    }
}
