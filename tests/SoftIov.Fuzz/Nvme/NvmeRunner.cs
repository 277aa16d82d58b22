using System.Buffers.Binary;
using SoftIov.Lab.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <summary>Does the steps, and sees that the controller is as good as new after a reset, whatever they were.</summary>
internal sealed class NvmeRunner
{
    /// <summary>Queue pairs that are driven, the admin pair among them.</summary>
    public const int PairCount = 5;

    /// <summary>Entries of each queue; created queues may have been given other sizes.</summary>
    public const int QueueSize = 32;

    private const int DrainsBetweenChecks = 4;

    private readonly NvmeBench _bench;
    private readonly BareController _controller;
    private readonly BarePair[] _pairs;

    public NvmeRunner(NvmeBench bench)
    {
        _bench = bench;
        _controller = bench.Controller;
        _pairs = [.. Enumerable.Range(0, PairCount)
            .Select(id => new BarePair(_controller, id, SubmissionsOf(id), QueueSize, CompletionsOf(id), QueueSize))];
    }

    /// <summary>Completions that were taken, by success or not.</summary>
    public (int Done, int Refused) Taken { get; private set; }

    public static ulong SubmissionsOf(int id) => NvmeBench.Queues + ((ulong)id << 14);

    public static ulong CompletionsOf(int id) => SubmissionsOf(id) + 0x2000;

    /// <summary>Null when all went as it must.</summary>
    public string? Run(List<NvmeStep> steps)
    {
        int drains = 0;
        for (int i = 0; i < steps.Count; i++)
        {
            Do(steps[i]);
            if (steps[i].Kind == NvmeStepKind.Drain && ++drains % DrainsBetweenChecks == 0 && _bench.Check() is { } hurt)
                return $"{hurt}, at step {i}: {steps[i]}";
        }

        return Recover() ?? _bench.Check();
    }

    private void Do(NvmeStep step)
    {
        switch (step.Kind)
        {
            case NvmeStepKind.Start:
                _controller.Enable(_pairs[0]);
                break;
            case NvmeStepKind.Put:
                Put(step);
                break;
            case NvmeStepKind.Ring when step.Value == NvmeStep.Tail:
                _pairs[step.Place].Ring();
                break;
            case NvmeStepKind.Ring:
                _controller.Write32((int)(NvmeRegister.Doorbells + (8 * step.Place)), (uint)step.Value);
                break;
            case NvmeStepKind.Drain:
                Drain();
                break;
            case NvmeStepKind.Wait:
                Thread.Sleep(1);
                break;
            case NvmeStepKind.Write:
                _controller.Write32((int)step.Place, (uint)step.Value);
                break;
            case NvmeStepKind.Store:
                BinaryPrimitives.WriteUInt64LittleEndian(_controller.Memory.Span(step.Place, sizeof(ulong)), step.Value);
                break;
            case NvmeStepKind.Reset:
                _controller.Endpoint.Reset();
                _controller.Command(isMaster: true);
                break;
            case NvmeStepKind.Map:
                _bench.MapData(step.Value != 0);
                break;
            case NvmeStepKind.Master:
                _controller.Command(step.Value != 0);
                break;
        }
    }

    private void Put(NvmeStep step)
    {
        // A driver empties a completion queue before it is created.
        if (step is { Place: 0, Entry: { Opcode: (byte)AdminOpcode.CreateCompletionQueue, Dword10: var id } } && (ushort)id is > 0 and < PairCount)
            _pairs[(ushort)id].ResetCompletions();
        _pairs[step.Place].Put(step.Entry);
    }

    private void Drain()
    {
        foreach (BarePair pair in _pairs)
        {
            bool isAny = false;
            for (; pair.TryTake(out CompletionEntry done); isAny = true)
                Taken = done.Status.IsSuccess ? (Taken.Done + 1, Taken.Refused) : (Taken.Done, Taken.Refused + 1);
            if (isAny)
                pair.Release();
        }
    }

    /// <summary>CC.EN to 0 and to 1, and all is well; a reservation of a host that is no more may stand in the way of reads.</summary>
    private string? Recover()
    {
        _controller.Command(isMaster: true);
        _bench.MapData(true);
        if (!_controller.Disable())
            return $"RDY stays when the controller is disabled: CSTS is {_controller.Status:x}";

        // A subsystem reset that the driver asked for is done by another thread: it may come just now, and clear CC again.
        if (!_controller.Enable(_pairs[0]) && !_controller.Enable(_pairs[0]))
            return $"the controller cannot be enabled any more: CSTS is {_controller.Status:x}";
        SubmissionEntry identify = AdminCommand.Identify(IdentifyCns.Controller) with { Prp1 = NvmeBench.Data };
        if (_pairs[0].Execute(identify) is not { Status.IsSuccess: true })
            return "the controller cannot be identified any more";
        if (!_controller.Create(_pairs[0], _pairs[1]))
            return "queues cannot be created any more";
        CompletionEntry? done = null;

        // What was begun before the reset goes on: a format, and commands that a slow store has not answered yet.
        SubmissionEntry verify = NvmCommand.Verify(_bench.Id, 0, 1);
        _controller.WaitFor(() => (done = _pairs[1].Execute(verify)) is not { Status: var now } || !(now.Is(0, 0x84) || now.Is(0, 0x82)));
        bool isFine = done is { Status: var status } && (status.IsSuccess || status.Is(0, 0x83));
        return isFine ? null : $"verify: {done?.Status.ToString() ?? "no answer"}";
    }
}
