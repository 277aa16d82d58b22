using SoftIov.Lab.Nvme;

namespace SoftIov.Fuzz.Nvme;

/// <summary>
/// Makes drivers up: mostly what a driver does, in an order that makes sense, now and then what none should. The same seed gives the same one.
/// </summary>
internal sealed partial class NvmeGenerator(int seed)
{
    private const int Page = 4096;
    private const uint Namespace = 1;

    private readonly Random _random = new(seed);
    private readonly List<NvmeStep> _steps = [];
    private int _pairs = 1;
    private ushort _commandId;

    /// <summary>The steps.</summary>
    public List<NvmeStep> Generate()
    {
        Add(NvmeStepKind.On, value: Chance(40) ? 1u : 0);
        Start();
        int count = _random.Next(20, 200);
        for (int i = 0; i < count; i++)
            Next();
        return _steps;
    }

    private void Start()
    {
        Add(NvmeStepKind.Start);
        _pairs = 1;
        int wanted = _random.Next(1, NvmeRunner.PairCount);
        for (int id = 1; id <= wanted; id++)
        {
            Put(0, Create(AdminOpcode.CreateCompletionQueue, id));
            Put(0, Create(AdminOpcode.CreateSubmissionQueue, id));
        }

        Add(NvmeStepKind.Ring, 0, NvmeStep.Tail);
        Add(NvmeStepKind.Wait);
        Add(NvmeStepKind.Drain);
        _pairs = wanted + 1;
    }

    private void Next()
    {
        switch (_random.Next(100))
        {
            case < 45:
                Burst(_random.Next(_pairs));
                break;
            case < 60:
                Burst(0);
                break;
            case < 78:
                Add(NvmeStepKind.Drain);
                break;
            case < 84:
                Add(NvmeStepKind.Wait);
                break;
            case < 89:
                Garbage();
                break;
            case < 92:
                Requeue();
                break;
            case < 94:
                Configure();
                break;
            case < 96:
                Add(NvmeStepKind.Map, value: Chance(70) ? 1u : 0);
                break;
            case < 97:
                Add(NvmeStepKind.Master, value: Chance(50) ? 1u : 0);
                break;
            default:
                Add(NvmeStepKind.Drain);
                break;
        }
    }

    /// <summary>Some commands to a queue, and its doorbell, mostly.</summary>
    private void Burst(int queue)
    {
        int count = _random.Next(1, 8);
        for (int i = 0; i < count; i++)
            Put(queue, Spoil(queue == 0 ? MakeAdmin() : MakeIo()));
        if (Chance(95))
            Add(NvmeStepKind.Ring, (ulong)queue, NvmeStep.Tail);
    }

    /// <summary>A doorbell or register that is none, or of no such value.</summary>
    private void Garbage()
    {
        ulong offset = _random.Next(6) switch
        {
            0 => (ulong)_random.Next(0x1000 / 4) * 4,
            1 => 0x1000 + ((ulong)_random.Next(0x1000 / 4) * 4),
            2 => (ulong)_random.Next(0x4000),
            _ => 0x1000 + ((ulong)_random.Next(2 * NvmeRunner.PairCount) * 4),
        };

        // A subsystem reset is everybody's: the neighbour would notice.
        if (offset is not (>= NvmeRegister.SubsystemReset and < NvmeRegister.SubsystemReset + 4))
            Add(NvmeStepKind.Write, offset, (uint)(Chance(70) ? _random.Next(64) : _random.Next()));
    }

    /// <summary>Queues go while commands are in flight, and come again.</summary>
    private void Requeue()
    {
        int id = _random.Next(1, NvmeRunner.PairCount);
        if (Chance(90))
            Put(0, AdminCommand.DeleteSubmissionQueue(id));
        if (Chance(80))
            Put(0, AdminCommand.DeleteCompletionQueue(id));
        Put(0, Create(AdminOpcode.CreateCompletionQueue, id));
        Put(0, Create(AdminOpcode.CreateSubmissionQueue, id));
        Add(NvmeStepKind.Ring, 0, NvmeStep.Tail);
        if (Chance(70))
            Add(NvmeStepKind.Wait);
        Add(NvmeStepKind.Drain);
    }

    /// <summary>CC: off and on, shut down, nonsense, or a function level reset.</summary>
    private void Configure()
    {
        switch (_random.Next(6))
        {
            case 0:
                Add(NvmeStepKind.Write, NvmeRegister.Configuration, (uint)_random.Next());
                break;
            case 1:
                Add(NvmeStepKind.Write, NvmeRegister.Configuration, BareController.Enabled | (uint)_random.Next(1, 4) << 14);
                break;
            case 2:
                Add(NvmeStepKind.Reset);
                break;
            default:
                Add(NvmeStepKind.Write, NvmeRegister.Configuration, 0);
                break;
        }

        if (Chance(40))
            Add(NvmeStepKind.Wait);
        if (!Chance(90))
            return;
        Add(NvmeStepKind.Write, NvmeRegister.Configuration, 0);
        Add(NvmeStepKind.Map, value: 1);
        Add(NvmeStepKind.Master, value: 1);
        Start();
    }

    private SubmissionEntry Create(AdminOpcode opcode, int id)
    {
        int size = Chance(90) ? NvmeRunner.QueueSize : _random.Next(0, 70_000);
        SubmissionEntry entry = opcode == AdminOpcode.CreateCompletionQueue
            ? AdminCommand.CreateCompletionQueue(id, size, NvmeRunner.CompletionsOf(id), _random.Next(0, 3), Chance(30))
            : AdminCommand.CreateSubmissionQueue(id, size, NvmeRunner.SubmissionsOf(id), Chance(90) ? id : _random.Next(6));
        return Chance(97) ? entry : entry with { Prp1 = Address() };
    }

    private void Put(int queue, SubmissionEntry entry)
    {
        entry.CommandId = Chance(98) ? _commandId++ : (ushort)_random.Next();
        _steps.Add(new NvmeStep(NvmeStepKind.Put, (ulong)queue, Entry: entry));
    }

    private void Add(NvmeStepKind kind, ulong place = 0, ulong value = 0) => _steps.Add(new NvmeStep(kind, place, value));

    private bool Chance(int percent) => _random.Next(100) < percent;
}
