using System.Diagnostics;
using SoftIov.Lab.Pci;
using SoftIov.Linux;

namespace SoftIov.Lab.Nvme;

/// <summary>
/// A driver of one NVMe controller: its life cycle and its queues (NVMe base 2.0, 3.5 and 3.6). Each step is a method of its own, so that a
/// trial can leave one out or do it wrong. One thread, but for I/O queues, which have one each.
/// <code>
/// using var memory = DriverMemory.CreateShared("nvme", 64 &lt;&lt; 20);
/// using var controller = NvmeController.Open(device, memory);
/// SubmissionQueue queue = controller.CreateQueuePair(1, 128);
/// var disk = new NamespaceClient(controller, queue, 1);
/// disk.Read(0, buffer);
/// </code>
/// </summary>
public sealed class NvmeController : IDisposable
{
    private readonly MsixControl _msix;
    private readonly List<CompletionQueue> _completions = [];
    private readonly List<SubmissionQueue> _queues = [];
    private readonly IDoorbells _doorbells;
    private IReadOnlyList<EventFd> _interrupts = [];

    /// <summary>
    /// Maps the memory, assigns BARs, switches memory decoding, bus mastering and MSI-X on; the controller's own registers are only read. The
    /// memory stays the caller's; the mapping ends with this.
    /// </summary>
    public NvmeController(IPciDevice device, DriverMemory memory, NvmeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(memory);
        Device = device;
        Memory = memory;
        Options = options ?? new NvmeOptions();
        Registers = new ControllerRegisters(device);
        device.MapMemory(memory);
        _msix = new MsixControl(device);
        StartFunction();
        Capabilities = Registers.Capabilities;
        int stride = Capabilities.DoorbellStride;
        _doorbells = Options.Doorbells?.Invoke(device, stride) ?? new BarDoorbells(device, stride);
        Admin = new AdminClient(MakeQueue(MakeCompletions(0, Options.AdminQueueSize, 0), 0, Options.AdminQueueSize), memory, Options);
    }

    /// <summary>The function.</summary>
    public IPciDevice Device { get; }

    /// <summary>Memory of queues and data.</summary>
    public DriverMemory Memory { get; }

    /// <summary>How this drives.</summary>
    public NvmeOptions Options { get; }

    /// <summary>The registers.</summary>
    public ControllerRegisters Registers { get; }

    /// <summary>CAP as it read at the start.</summary>
    public ControllerCapabilities Capabilities { get; }

    /// <summary>Admin commands.</summary>
    public AdminClient Admin { get; }

    /// <summary>Events of the MSI-X vectors; empty when completion queues are polled.</summary>
    public IReadOnlyList<EventFd> Interrupts => _interrupts;

    /// <summary>Shadow doorbells, after <see cref="UseShadowDoorbells"/>.</summary>
    public ShadowDoorbells? Shadows { get; private set; }

    /// <summary>Makes a driver and enables the controller, after a reset when it is enabled already.</summary>
    public static NvmeController Open(IPciDevice device, DriverMemory memory, NvmeOptions? options = null)
    {
        var controller = new NvmeController(device, memory, options);
        try
        {
            controller.Disable();
            controller.Enable();
            return controller;
        }
        catch
        {
            controller.Dispose();
            throw;
        }
    }

    /// <summary>Gives the controller its admin queues, sets CC.EN and waits for CSTS.RDY; throws when CSTS.CFS is set or the time is over.</summary>
    public void Enable()
    {
        Admin.Queue.Reset();
        Admin.Queue.Completions.Reset();
        Registers.SetAdminQueues(Admin.Queue);
        Registers.Configuration = ControllerConfiguration.ForNvm(Options.Page);
        WaitForStatus(status => status.IsReady || status.IsFatal, "become ready");
        if (Registers.Status.IsFatal)
            throw new InvalidOperationException($"{Device.Name} is not enabled: CSTS is {Registers.Status.Value:X8}h.");
    }

    /// <summary>Controller reset: clears CC.EN and waits until CSTS.RDY follows. All I/O queues and shadow doorbells are gone then.</summary>
    public void Disable()
    {
        Registers.Configuration = Registers.Configuration.WithEnable(false);
        WaitForStatus(status => !status.IsReady, "leave the ready state");
        Shadows?.Reset();
    }

    /// <summary>Asks for a shutdown, 1 normal or 2 abrupt, and waits for its end.</summary>
    public void Shutdown(int kind = 1)
    {
        Registers.Configuration = Registers.Configuration.WithShutdown(kind);
        WaitForStatus(status => status.Shutdown == 2, "shut down");
    }

    /// <summary>NVM subsystem reset.</summary>
    public void ResetSubsystem() => Registers.Write32(NvmeRegister.SubsystemReset, NvmeRegister.SubsystemResetKey);

    /// <summary>Function level reset, and what the constructor does. The controller is disabled then, and has no I/O queues.</summary>
    public void ResetFunction()
    {
        Device.Reset();
        StartFunction();
        foreach (CompletionQueue completions in _completions)
            completions.Interrupt = InterruptOf(completions.Vector);
        Shadows?.Reset();
    }

    /// <summary>
    /// Gives the controller shadow doorbells, which queues made from now on use. Needed again after each reset.
    /// </summary>
    public CompletionEntry UseShadowDoorbells()
    {
        Shadows ??= new ShadowDoorbells(Memory, _doorbells, Capabilities.DoorbellStride, Options.Page);
        Shadows.Reset();
        return Admin.Execute(AdminCommand.DoorbellBufferConfig(Shadows.ShadowAddress, Shadows.EventIndexAddress));
    }

    /// <summary>
    /// Makes a completion queue of the driver's, with the interrupt of its vector: its id modulo the vectors unless told otherwise, none when
    /// negative. The controller learns of it by <see cref="AdminClient.Create(CompletionQueue)"/>.
    /// </summary>
    public CompletionQueue MakeCompletions(int id, int size, int? vector = null)
    {
        int chosen = vector ?? (_interrupts.Count == 0 ? 0 : id % _interrupts.Count);
        var completions = new CompletionQueue(Memory, DoorbellsOf(id), id, size, Options.Page)
        {
            Vector = chosen,
            Interrupt = InterruptOf(chosen),
            WhileWaiting = Options.WhileWaiting,
        };
        _completions.Add(completions);
        return completions;
    }

    /// <summary>Makes a submission queue of the driver's.</summary>
    public SubmissionQueue MakeQueue(CompletionQueue completions, int id, int size) =>
        new(Memory, DoorbellsOf(id), completions, id, size, Options.Page, Options.ListPages);

    /// <summary>Makes a submission and a completion queue of one id and size and creates both; throws when the controller refuses.</summary>
    public SubmissionQueue CreateQueuePair(int id, int size, int? vector = null)
    {
        SubmissionQueue queue = MakeQueue(MakeCompletions(id, size, vector), id, size);
        Create(queue);
        _queues.Add(queue);
        return queue;
    }

    /// <summary>Empties the pairs that <see cref="CreateQueuePair"/> made and creates them anew: after a reset.</summary>
    public void RestoreQueuePairs()
    {
        foreach (SubmissionQueue queue in _queues)
        {
            queue.Reset();
            queue.Completions.Reset();
            Create(queue);
        }
    }

    /// <summary>Deletes a pair.</summary>
    public void DeleteQueuePair(SubmissionQueue queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        Admin.Delete(queue).Check($"delete submission queue {queue.Id}");
        Admin.Delete(queue.Completions).Check($"delete completion queue {queue.Completions.Id}");
        _queues.Remove(queue);
    }

    /// <summary>Disables the controller and takes the memory away from it.</summary>
    public void Dispose()
    {
        Registers.Configuration = Registers.Configuration.WithEnable(false);
        Device.UnmapMemory(Memory);
    }

    private void Create(SubmissionQueue queue)
    {
        Shadows?.Reset(queue.Id);
        Admin.Create(queue.Completions).Check($"create completion queue {queue.Completions.Id}");
        Admin.Create(queue).Check($"create submission queue {queue.Id}");
    }

    private void StartFunction()
    {
        PciBars.Assign(Device);
        PciCommand.Enable(Device);
        if (Options.Interrupts)
            _interrupts = _msix.Connect();
    }

    private EventFd? InterruptOf(int vector) => (uint)vector < (uint)_interrupts.Count ? _interrupts[vector] : null;

    private IDoorbells DoorbellsOf(int id) => id != 0 && Shadows is { } shadows && (2 * id) + 1 < shadows.Count ? shadows : _doorbells;

    private void WaitForStatus(Predicate<ControllerStatus> isReached, string what)
    {
        long start = Stopwatch.GetTimestamp();
        for (ControllerStatus status = Registers.Status; !isReached(status); status = Registers.Status)
        {
            if (status.IsGone || Stopwatch.GetElapsedTime(start) > Options.Timeout)
                throw new TimeoutException($"{Device.Name} does not {what}: CSTS is {status.Value:X8}h.");
            if (Options.WhileWaiting is { } advance)
                advance();
            else
                Thread.Sleep(1);
        }
    }
}
